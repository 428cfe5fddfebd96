/** Fastify with its defaults and an empty handler: what the framework costs, and the reference for memory. */
import { fastify } from 'fastify';
import { pair } from './pair.ts';

const app = fastify({ https: pair, bodyLimit: 7 * 1024 * 1024, keepAliveTimeout: 120_000 });
app.post('/validate', (request) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: (request.body as { request: { uid: string } }).request.uid, allowed: true },
}));
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
