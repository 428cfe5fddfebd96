import t from 'tap';
import { podgrace } from '../../command-line.ts';

void t.test('what two repairs would set alike is printed once', async (t) => {
  const stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: web:1\n';
  const { stdout } = await podgrace(['check', '--rule', 'minimum-qos-class,memory-limit', '-'], { stdin });
  t.match(stdout, /\[minimum-qos-class\][^]*the repair would set in spec\.containers\[0\]:\n {6}resources:\n[^]*\[memory-limit\]/);
  t.match(stdout, /\[memory-limit\][^]*\n {4}the repair would set the same as that of minimum-qos-class above\n/);
  t.equal(stdout.match(/memory: 512Mi/g)?.length, 1);
  const alone = await podgrace(['check', '--rule', 'memory-limit', '-'], { stdin });
  t.match(alone.stdout, /\[memory-limit\][^]*the repair would set in spec\.containers\[0\]:/);
});
