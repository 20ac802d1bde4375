"""A mail sink of aiosmtpd that keeps nothing."""

import asyncio
import sys

from aiosmtpd.smtp import SMTP


class Discards:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"


async def main(port):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Discards(), enable_SMTPUTF8=True), "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
