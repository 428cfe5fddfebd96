import t from 'tap';
import { problemOfSchedule } from '../../../src/core/validation/cron-schedule.ts';

/** Schedules, and what an API server 1.36.3 says of them; nothing of those that it takes. */
const SCHEDULES: readonly (readonly [schedule: string, problem: string | undefined])[] = [
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['0 24 * * *', 'end of range (24) above maximum (23): 24'],
  ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['0 0 * 13 *', 'end of range (13) above maximum (12): 13'],
  ['0 0 * * 7', 'end of range (7) above maximum (6): 7'],
  ['0 0 * * mon-fri', undefined],
  ['0 0 * jan sun', undefined],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['*/a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['1.5 * * * *', 'failed to parse int from 1.5: strconv.Atoi: parsing "1.5": invalid syntax'],
  ['@hourly', undefined],
  ['@reboot', 'unrecognized descriptor: @reboot'],
  ['@every 1h30m', undefined],
  ['@every 5µs', undefined],
  ['@every 5μs', undefined],
  ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ['0 0 * * 1,2,', undefined],
  ['*/5 * * * *', undefined],
  ['5/100 * * * *', undefined],
  ['? ? ? ? ?', undefined],
  ['0  0	* * *', undefined],
  [' 0 0 * * *', undefined],
  ['+1 * * * *', undefined],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
];

for (const [schedule, problem] of SCHEDULES) {
  void t.test(JSON.stringify(schedule), (t) => {
    t.equal(problemOfSchedule(schedule), problem);
    t.end();
  });
}
