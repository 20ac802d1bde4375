//! What apps send, to be damaged: messaging TwiML, SMTP, forms, queries, bodies of gateways,
//! fragments of URLs, and requests about verifications.

pub(crate) const TEXTS: [&str; 6] = [
    "<Response/>",
    "<?xml version=\"1.0\"?>\n<Response><Message>You wrote &quot;hi&quot;.</Message></Response>",
    "<Response><Message to=\"+34600000001\" from=\"App\"><Body>Hi</Body><Media>https://a.test/x.png</Media></Message>\
     <Message action='/status' method='GET'>Bye</Message></Response>",
    "<Response><Redirect method=\"POST\">/next?a=1&amp;b=2</Redirect><Message>never</Message></Response>",
    "<Response><Sms statusCallback='http://a.test/'>Old</Sms><!-- x --></Response>",
    "<Response><Message><![CDATA[1 < 2]]> &#233;</Message></Response>",
];

pub(crate) const SMTP: [&str; 6] = [
    "EHLO a.test\r\nMAIL FROM:<ana@a.test> SIZE=30 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<ben@b.test>\r\nDATA\r\n\
     Subject: x\r\n\r\nHi\r\n..\r\n.\r\nQUIT\r\n",
    "HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<\"a b\"@[127.0.0.1]>\r\nRSET\r\nNOOP x\r\nVRFY ana\r\nHELP\r\n",
    "EHLO [IPv6:::1]\r\nAUTH PLAIN AGFuYQBzZWNyZXQ=\r\nMAIL FROM:<a@b.test> AUTH=<>\r\n",
    "EHLO a.test\r\nAUTH LOGIN\r\nYW5h\r\nc2VjcmV0\r\nAUTH PLAIN\r\n*\r\n",
    "MAIL FROM:<a@b.test>\r\nRCPT TO:<@relay.test:ben@b.test>\r\nDATA\r\n\n.\n\r.\r\r\n.\r\nSTARTTLS\r\nQUIT\r\n",
    "ehlo bücher.test\r\nmail from:<é@a.test> smtputf8\r\nrcpt to:<ben@b.test>\r\ndata\r\nHi\r\n.\r\nEXPN x\r\nBDAT 1\r\n",
];

pub(crate) const FORMS: [&str; 6] = [
    "To=%2B34600000001&From=%2B15005550006&Twiml=%3CResponse%3E%3CSay%3EHi%3C%2FSay%3E%3C%2FResponse%3E",
    "To=%2B34600000001&From=%2B15005550006&Url=http%3A%2F%2F127.0.0.1%3A3000%2Fcall%23rc%3D2%26rp%3D5xx\
     &StatusCallback=http%3A%2F%2F127.0.0.1%2F&StatusCallbackEvent=ringing&StatusCallbackEvent=completed&Timeout=20",
    "To=%2B34600000001&From=App&Body=Code+012345&StatusCallback=http%3A%2F%2F127.0.0.1%2F&ValidityPeriod=60",
    "To=%2B34600000001&MessagingServiceSid=MG00000000000000000000000000000007&Body=later&ScheduleType=fixed\
     &SendAt=2026-03-02T18%3A00%3A00Z&MediaUrl=http%3A%2F%2Fa.test%2Fx.png",
    "To=%2B34600000001&From=%2B15005550006&Url=http%3A%2F%2Fa.test%2F&SendDigits=ww1%23&TimeLimit=60\
     &MachineDetection=DetectMessageEnd&AsyncAmd=true&MachineDetectionTimeout=30&Record=true",
    "Status=completed&Twiml=%3CResponse%2F%3E&Body=",
];

pub(crate) const QUERIES: [&str; 6] = [
    "PageSize=2&Page=1&PageToken=PACA00000000000000000000000000000001",
    "To=%2B34600000001&From=%2B15005550006&Status=in-progress&StartTime=2026-03-02&EndTime%3E=2026-03-02T00%3A00%3A00Z",
    "DateSent%3C=2026-02-28&DateSent%3E=1969-12-31T23%3A59%3A60%2B23%3A59",
    "to:ana@a.test from:app subject:\"your code\" -is:read has:attachment 123456",
    "after:2026-03-02 before:\"2026-03-02 10:00\" larger:1M smaller:20K !tag:\"a b\" addressed:x",
    "message-id:<1@a.test> cc:b bcc:c reply-to:d is:tagged has:inline after:-999999-01-01",
];

pub(crate) const GATEWAYS: [&str; 5] = [
    "{\"to\": [{\"phone\": \"+34600000001\"}], \"text\": \"Code 012345\", \"from\": \"App\"}",
    "{\"to\": [{\"phone\": 34600000001}], \"text\": \"\\ud83d\\udd11 \\u0000\", \"from\": null}",
    "to.0.phone=0034600000001&text=Code+012345&from=12345",
    "{\"to\": {\"0\": {\"phone\": \"0034 600 000 001\"}}, \"text\": [\"x\"], \"from\": 1e400}",
    "[[[[[[{\"to\": []}]]]]]]",
];

pub(crate) const FRAGMENTS: [&str; 5] = [
    "rc=2&rp=5xx,ct&rt=3000&tt=15000",
    "rc=5&rp=all&ct=100&e=ashburn",
    "rc=0&rp=4xx,rt",
    "rt=100&tt=99999999999999999999&rc=255&rc=-1",
    "&&==&rp=,,,&rt",
];

/// The method and the address in the first line, and the form in the others.
pub(crate) const VERIFICATIONS: [&str; 10] = [
    "POST /v2/Services/VA00000000000000000000000000000007/Verifications\n\
     To=%2B34600000001&Channel=sms&Locale=es&CustomFriendlyName=Shop&AppHash=abcdefghijk&Amount=1&Payee=Me",
    "POST /v2/Services/VA00000000000000000000000000000008/Verifications\nTo=%2B34600000002&Channel=sms",
    "POST /v2/Services/VA00000000000000000000000000000007/Verifications\n\
     To=ana%40example.com&Channel=email&CustomCode=012345&SendDigits=1&Tags=%7B%7D",
    "POST /v2/Services/VA00000000000000000000000000000007/Verifications\nTo=%2B14155550100&Channel=call&RateLimits=x",
    "POST /v2/Services/VA00000000000000000000000000000007/VerificationCheck\nTo=%2B34600000001&Code=012345",
    "POST /v2/Services/VA00000000000000000000000000000007/Verifications/+34600000001\nStatus=canceled",
    "POST /v2/Services\nFriendlyName=App&CodeLength=4&CustomCodeEnabled=True&Psd2Enabled=false&Totp.Issuer=Me&\
     Totp.TimeStep=30&Totp.CodeLength=6&Totp.Skew=1&DoNotShareWarningEnabled=true&TtsName=x",
    "GET /v2/Services?PageSize=1&Page=1&PageToken=PAVA00000000000000000000000000000007\n",
    "GET /v2/Attempts?PageSize=1&Channel=sms&Status=unconverted&ChannelData.To=%2B34600000001&\
     DateCreatedAfter=2026-03-02T00:00:00Z&DateCreatedBefore=2027-01-01T00:00:00Z&\
     VerifyServiceSid=VA00000000000000000000000000000007\n",
    "GET /v2/Services/VA00000000000000000000000000000007/Verifications/%2B34600000001\n",
];
