import t from 'tap';
import { completeTemplate, placeOfPodTemplate } from '../../src/core/custom-template.ts';

void t.test('containers without a name and probes without a port get one', (t) => {
  const template = {
    spec: {
      initContainers: [{ name: 'init' }],
      containers: [
        { image: 'a', ports: [{ containerPort: 9000 }], readinessProbe: { httpGet: { path: '/' }, periodSeconds: 5 } },
        { name: 'b', livenessProbe: { tcpSocket: {} }, startupProbe: { exec: { command: ['true'] } } },
      ],
    },
  };
  t.same(completeTemplate(template), {
    spec: {
      initContainers: [{ name: 'init' }],
      containers: [
        { ...template.spec.containers[0], name: 'container-0', readinessProbe: { httpGet: { path: '/', port: 9000 }, periodSeconds: 5 } },
        { ...template.spec.containers[1], livenessProbe: { tcpSocket: { port: 8080 } } },
      ],
    },
  });
  t.end();
});

void t.test('a whole template stays the same object, and what is none stays as it is', (t) => {
  for (const template of [
    { spec: { containers: [{ name: 'a', readinessProbe: { grpc: { port: 1 } } }] } },
    { spec: 'text' },
    {},
    { spec: { containers: 'text', initContainers: ['text', null] } },
  ])
    t.equal(completeTemplate(template), template);
  t.end();
});

void t.test('a template is found wherever an object of an unknown kind holds one', (t) => {
  const template = { spec: { containers: [{ image: 'registry.example/app:1' }] } };
  t.equal(placeOfPodTemplate({ spec: { template } }), 'spec.template');
  t.equal(placeOfPodTemplate({ spec: { tasks: [{}, { template }] } }), 'spec.tasks[1].template');
  t.equal(placeOfPodTemplate({ spec: { a: { b: { template } } } }), 'spec.a.b.template');
  for (const object of [null, 'text', {}, { spec: { containers: [{ image: 'x' }] } }, { spec: { template: { spec: { containers: [] } } } }])
    t.equal(placeOfPodTemplate(object), undefined, JSON.stringify(object));
  t.end();
});

void t.test('the search is bounded in depth and width', (t) => {
  let deep: object = { template: { spec: { containers: [{ image: 'x' }] } } };
  for (let depth = 0; depth < 20; depth++) deep = { spec: deep };
  t.equal(placeOfPodTemplate(deep), undefined);
  const wide = { spec: { list: Array.from({ length: 20_000 }, () => 1), template: { spec: { containers: [{ image: 'x' }] } } } };
  t.equal(placeOfPodTemplate(wide), 'spec.template', 'what is near is found before what is many');
  t.end();
});
