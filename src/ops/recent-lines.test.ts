import assert from 'node:assert/strict'
import test from 'node:test'
import { createPinoLog } from './pino-log-node.ts'
import { RecentLines } from './recent-lines.ts'

test('[OP34] the newest lines of the log are kept for support, as many as fit, without secrets', () => {
  const recent = new RecentLines(400)
  const printed: string[] = []
  const log = createPinoLog(
    { node: 'n1', level: 'info', logText: false, recent },
    { write: (line) => printed.push(line) },
  )
  log.debug('not kept')
  for (let index = 1; index <= 50; index++) log.info(`line ${index}`, { password: 'geheim' })
  const kept = recent.lines()
  assert.ok(kept.length >= 2 && kept.join('').length <= 400)
  assert.deepEqual(
    kept,
    printed.slice(-kept.length).map((line) => line.trimEnd()),
  )
  assert.ok(!kept.join('').includes('geheim'))
  assert.deepEqual(new RecentLines(3).lines(), [])
})
