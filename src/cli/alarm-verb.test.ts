import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import { httpStage, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

async function stage(context: TestContext) {
  const made = await httpStage()
  const url = await made.app.listen({ host: '127.0.0.1', port: 0 })
  context.after(() => made.app.close())
  const run = (...words: string[]) =>
    runVerb([...words, '--url', url, '--token', staffToken('admin')], { clock: realClock })
  const alarm = (...words: string[]) => run('alarm', ...words)
  const place = { code: 'store-unavailable', subject: 'cluster', severity: 'critical', sentence: 'It was away.' }
  const raise = (id: string, affected: number) =>
    made.alarms.raise({ id, ...place, beganAt: made.clock.wallMs(), raisedBy: 'n1', affected }, [
      { id: `alarm:${id}:raised:mail:ops@example.com`, lane: `alarm:${id}`, kind: 'mail', body: '{}' },
    ])
  return { ...made, run, alarm, raise }
}

test('alarms are listed, shown, cared for and closed; an urgent one that nobody cares for is exit 1', async (context) => {
  const { alarm, raise, clock } = await stage(context)
  const calm = await alarm('list')
  assert.deepEqual([calm.code, calm.out], [EXIT.done, ['No alarm is open.']])
  await raise('one', 12)
  const listed = await alarm('list')
  assert.equal(listed.code, EXIT.failed)
  assert.match(listed.out.join('\n'), /^one +critical +Store unavailable +cluster .* nobody$/m)
  assert.match((await alarm('show', 'one')).out.join('\n'), /12 conversations affected[\s\S]*database server/)
  assert.match((await alarm('acknowledge', 'one', '--note', 'I look')).out.join('\n'), /Ada takes care of it/)
  assert.equal((await alarm('list')).code, EXIT.done)
  await clock.advance(65_000)
  assert.equal((await alarm('close', 'one')).code, EXIT.usage)
  assert.equal((await alarm('close', 'one', '--reason', 'mended')).code, EXIT.done)
  assert.match((await alarm('list')).out.join('\n'), /^one +Store available +cluster .* 1 min 5 s +12$/m)
  assert.equal((await alarm('close', 'one', '--reason', 'again')).code, EXIT.failed)
})

test('an alarm tells who was told of it and how far, and the outbox what waits by lane', async (context) => {
  const { run, alarm, raise, clock } = await stage(context)
  await raise('one', 12)
  await clock.advance(65_000)
  assert.equal((await alarm('show', 'one')).out.at(-1), 'Told by mail to ops@example.com that it is raised: waiting')
  const listed = (await run('outbox', 'list')).out.join('\n')
  assert.match(listed, /^1 wait, the oldest for 65 s; 0 were given up\.$/m)
  assert.match(listed, /^alarm:one +1 +1 min 5 s +0 *$/m)
})

test('a silence is made, shown and ended; the catalogue says what to do', async (context) => {
  const { alarm, alarms } = await stage(context)
  const words = ['--code', 'node-lost', '--for', '2h', '--reason', 'new disks']
  assert.equal((await alarm('silence', ...words)).code, EXIT.done)
  const [silence] = await alarms.silences()
  assert.ok(silence)
  assert.match((await alarm('list')).out.join('\n'), /Silenced until .* by Ada \(.*\): node-lost, new disks/)
  assert.equal((await alarm('unsilence', silence.id)).code, EXIT.done)
  assert.deepEqual(await alarms.silences(), [])
  assert.equal((await alarm('silence', '--for', 'long', '--reason', 'x')).code, EXIT.usage)
  assert.match((await alarm('catalogue')).out.join('\n'), /^node-lost \(critical\)$/m)
})
