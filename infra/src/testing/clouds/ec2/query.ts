import type { Answer } from '../http-cloud.ts';

const VERSION = '2016-11-15';

/** Asks EC2's query API, as its SDK does. */
export async function ask(url: string, form: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      // The emulator reads service and region out of it; it checks no signature.
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/ec2/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: form,
  });
  return { status: response.status, body: await response.text(), type: 'text/xml' };
}

export const formOf = (action: string, parameters: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({ Action: action, Version: VERSION, ...parameters }).toString();

/** The content of the first element of that name. */
export const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>(?<content>[^]*?)</${name}>`).exec(xml)?.groups?.['content'];

export const errorAnswer = (status: number, code: string): Answer => ({
  status,
  type: 'text/xml',
  body: `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>${code}, says the test</Message></Error></Errors><RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>`,
});
