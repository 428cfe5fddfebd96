/**
 * The reference: `node:https` that parses the review and answers with its uid, and does nothing besides. What a mutation
 * costs the API server is made visible by BENCH_PATCH: a JSON Patch in base64 that `/mutate` answers with, whatever it is
 * asked about.
 */
import { createServer } from 'node:https';
import { pair } from './pair.ts';

const constantPatch = process.env['BENCH_PATCH'];

createServer({ ...pair, keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { request: { uid: string } };
    const answer = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: review.request.uid,
        allowed: true,
        ...(constantPatch !== undefined && request.url?.startsWith('/mutate') && { patchType: 'JSONPatch', patch: constantPatch }),
      },
    });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer);
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');
