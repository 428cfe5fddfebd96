import t from 'tap';
import { presetPolicy } from '../../../src/config/presets.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../../src/core/surroundings.ts';
import { evaluateOwn } from '../../../src/kube/commands/own-evaluation.ts';

const LABELS = { app: 'web' };
/** Clean under `production` but for a readinessProbe, which only a Service shows to be missing. */
const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'registry.example/web:1',
            command: ['/app/web'],
            resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
          },
        ],
      },
    },
  },
};
const SURROUNDINGS: Surroundings = {
  ...NOTHING_KNOWN,
  services: { isKnown: true, value: [{ name: 'web', selector: LABELS, ports: [{ name: undefined, targetPort: 8080 }] }] },
};

void t.test(
  'as in the webhook, what rests on an object that may follow or change denies no creation, and may be a warning of an update',
  (t) => {
    const asking = { policy: presetPolicy('production'), now: new Date('2026-01-01T00:00:00Z'), surroundings: SURROUNDINGS };
    const own = evaluateOwn(WEB, 'shop', asking);
    t.equal(own?.allowed, true);
    t.match([...(own?.warnings ?? [])].join('\n'), /readinessProbe: must be set: the Service web sends traffic to port 8080/);
    t.end();
  },
);
