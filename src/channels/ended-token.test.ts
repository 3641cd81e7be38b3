import assert from 'node:assert/strict'
import test from 'node:test'
import type { Claims } from '../protocol/tokens.ts'
import { agentToken, hello, rehearseChannel, visitorToken } from './channel-rehearsal.ts'

test('[AN5] the socket of somebody who was signed out is closed at its next heartbeat, the others stay', async () => {
  const { clock, tokens, dial } = rehearseChannel({ heartbeatMs: 10_000 })
  const ended = new Set<string>()
  Object.assign(tokens, { ended: (claims: Claims) => ended.has(claims.subject) })
  const [agent, other, visitor] = [dial(), dial(), dial()]
  agent.says(hello(agentToken('anna')))
  other.says(hello(agentToken('bert'), { instance: 'page-2' }))
  visitor.says(hello(visitorToken('0000000000001')))
  await clock.advance(1)
  assert.equal(agent.got('welcome').length, 1)
  ended.add('anna')
  for (let beat = 0; beat < 2; beat++) {
    await clock.advance(5000)
    for (const client of [agent, other, visitor]) client.says({ type: 'ping' })
  }
  assert.deepEqual(
    agent.got('refused').map(({ code }) => code),
    ['token-expired'],
  )
  assert.deepEqual([agent.closedWith, other.closedWith, visitor.closedWith], [4401, undefined, undefined])
})
