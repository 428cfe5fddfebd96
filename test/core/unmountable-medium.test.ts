import t from 'tap';
import { requestedPageSizesOf } from '../../src/core/empty-dir.ts';
import { unmountableMediumOf, type UnmountableMedium } from '../../src/core/unmountable-medium.ts';

/** What is said of a volume of the medium, in a Pod with a container that asks for huge pages of these sizes. */
function problemOf(medium: string, ...sizes: readonly string[]): UnmountableMedium | undefined {
  const limits = Object.fromEntries(sizes.map((size) => [`hugepages-${size}`, '64Mi']));
  const containers = [{ name: 'web', resources: { limits } }];
  const pageSizes = requestedPageSizesOf({ containers, restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
  return unmountableMediumOf({ name: 'pages' }, { medium }, pageSizes);
}

void t.test('a medium that the kubelet does not know is one that it cannot mount, and the nearest that it knows is named', (t) => {
  t.match(problemOf('memory'), { message: 'unknownMedium', data: { volume: 'pages', medium: 'memory', meant: /Memory/ } });
  t.end();
});

void t.test('huge pages are mounted where the containers ask for them, of the size that the medium names or of the only one', (t) => {
  t.equal(problemOf('HugePages-2Mi', '2Mi'), undefined);
  t.equal(problemOf('HugePages-1Gi', '2Mi', '1Gi'), undefined);
  t.equal(problemOf('HugePages', '1Gi'), undefined);
  t.end();
});

void t.test('huge pages that no container asks for are not, and the size that is asked for is offered', (t) => {
  const message = 'hugePagesNotRequested';
  t.same(problemOf('HugePages'), { message, data: { volume: 'pages', medium: 'HugePages', size: '2Mi', orMedium: '' } });
  t.same(problemOf('HugePages-1Gi', '2Mi')?.data, {
    volume: 'pages',
    medium: 'HugePages-1Gi',
    size: '1Gi',
    orMedium: ', or write `medium: HugePages-2Mi`',
  });
  t.end();
});

void t.test('a medium without a size is not mounted where the containers ask for several sizes, of which two are named', (t) => {
  t.same(problemOf('HugePages', '2Mi', '1Gi'), {
    message: 'hugePagesOfSeveralSizes',
    data: { volume: 'pages', size: '1Gi', sizes: '1Gi and 2Mi' },
  });
  t.equal(problemOf('HugePages', '2Mi', '1Gi', '16Gi')?.data['sizes'], '16Gi, 1Gi and 1 more');
  t.end();
});
