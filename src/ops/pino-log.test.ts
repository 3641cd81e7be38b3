import assert from 'node:assert/strict'
import test from 'node:test'
import { createPinoLog } from './pino-log-node.ts'

function captured(logText: boolean) {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  return { lines, log: createPinoLog({ node: 'n1', level: 'info', logText }, stream) }
}

test('[OP3] a decision is one line with its short name, its sentence, the node and the conversation', () => {
  const { lines, log } = captured(false)
  log.decision('adopt', 'n2 is dead; its conversation goes on here.', { conversation: 'c1' })
  const { time, ...line } = lines[0] ?? {}
  assert.deepEqual(line, {
    level: 'info',
    self: 'n1',
    decision: 'adopt',
    conversation: 'c1',
    sentence: 'n2 is dead; its conversation goes on here.',
  })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
})

test('log lines hold no secrets and, by default, no message text', () => {
  const quiet = captured(false)
  quiet.log.warn('refused postgres://u:p@h', { text: 'hello' })
  assert.equal(quiet.lines[0]?.sentence, 'refused postgres://u:***@h')
  assert.equal(quiet.lines[0]?.text, '[text]')
  const open = captured(true)
  open.log.info('said', { text: 'hello' })
  assert.equal(open.lines[0]?.text, 'hello')
})

test('lines below the level are not written', () => {
  const { lines, log } = captured(false)
  log.debug('a detail')
  log.error('a fault')
  assert.deepEqual(
    lines.map((line) => line.level),
    ['error'],
  )
})
