import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { HiddenTexts } from '../config/hidden-texts.ts'
import { DecisionLog } from './decision-log.ts'
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

test('[OP1] what this process knows to be secret is masked wherever it is quoted, in every form', () => {
  const hidden = new HiddenTexts()
  const text = 'geheim "und\nmehr'
  for (const each of [text, 'abc']) hidden.add(each)
  const printed: string[] = []
  const log = createPinoLog(
    { node: 'n1', level: 'info', logText: false, hidden },
    { write: (line) => printed.push(line) },
  )
  log.info(`535 your password ${text} is wrong`, { base64: Buffer.from(text).toString('base64'), deep: { a: [text] } })
  log.warn('at /x', { path: `/x?${encodeURIComponent(text)}`, error: new Error(text) })
  assert.ok(!/geheim|Z2VoZWlt/.test(printed.join('')))
  assert.equal(JSON.parse(printed[0] ?? '').sentence, '535 your password *** is wrong')
  const decisions = new DecisionLog({ node: 'n1', clock: new ManualClock(), hidden })
  decisions.record('mail', `The server said ${text}, abc.`)
  assert.equal(decisions.after(0, 1)[0]?.reason, 'The server said ***, abc.')
})
