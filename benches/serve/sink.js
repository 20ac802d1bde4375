// A mail sink of nodemailer's smtp-server that keeps nothing.
const { SMTPServer } = require("smtp-server");

new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
        stream.on("data", () => {});
        stream.on("end", done);
    },
}).listen(Number(process.argv[2]), "127.0.0.1");
