import assert from 'node:assert/strict'
import test from 'node:test'
import { CLOSE_CODES } from '../../protocol/close-codes.ts'
import { type ConnectionEvent, type ConnectionPlan, type ConnectionState, nextStep } from './connection-decision.ts'

const STATES: readonly ConnectionState[] = ['connecting', 'online', 'resuming', 'offline', 'stopped']
const plan = (state: ConnectionState, failures = 0, shortLines = 0): ConnectionPlan => ({ state, failures, shortLines })
const lost = (more: { code?: number; servedMs?: number; retryAfterMs?: number } = {}): ConnectionEvent => ({
  kind: 'lost',
  code: 1006,
  ...more,
})

test('[WE1] every state meets every event as the diagram says', () => {
  const table: Record<string, Record<ConnectionState, ConnectionState>> = {
    welcome: { connecting: 'online', online: 'online', resuming: 'online', offline: 'online', stopped: 'stopped' },
    lost: {
      connecting: 'connecting',
      online: 'resuming',
      resuming: 'resuming',
      offline: 'offline',
      stopped: 'stopped',
    },
    overtaken: {
      ...{ connecting: 'connecting', online: 'resuming', resuming: 'resuming', offline: 'offline', stopped: 'stopped' },
    },
    'move-failed': {
      ...{ connecting: 'connecting', online: 'online', resuming: 'resuming', offline: 'offline', stopped: 'stopped' },
    },
    stop: { connecting: 'stopped', online: 'stopped', resuming: 'stopped', offline: 'stopped', stopped: 'stopped' },
  }
  const events: readonly ConnectionEvent[] = [
    ...([{ kind: 'welcome' }, { kind: 'overtaken' }, { kind: 'move-failed', code: 1006 }, { kind: 'stop' }] as const),
    lost(),
  ]
  for (const event of events)
    for (const state of STATES)
      assert.equal(nextStep(plan(state), event, 0.5).plan.state, table[event.kind]?.[state], `${state} ${event.kind}`)
})

test('[WE1] offline is shown from the third failure on, and a welcome ends it', () => {
  let at = plan('online')
  const seen: ConnectionState[] = []
  for (const event of [lost({ servedMs: 60_000 }), lost(), lost(), lost(), { kind: 'welcome' } as const]) {
    at = nextStep(at, event, 0.5).plan
    seen.push(at.state)
  }
  assert.deepEqual(seen, ['resuming', 'resuming', 'offline', 'offline', 'online'])
  assert.equal(at.failures, 0)
})

test('[WE2] the first retry comes within 250 ms, later ones are spread over a wait that doubles up to 5 s', () => {
  const ceilings: number[] = []
  let at = plan('online')
  for (let attempt = 0; attempt < 8; attempt++) {
    const event = attempt === 0 ? lost({ servedMs: 60_000 }) : lost()
    assert.equal(nextStep(at, event, 0).connectInMs, 0)
    const step = nextStep(at, event, 0.999_999)
    ceilings.push(Math.round(step.connectInMs ?? -1))
    at = step.plan
  }
  assert.deepEqual(ceilings, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000])
})

test('[WE2] a node that greets and closes at once is asked less and less often', () => {
  const ceilings: number[] = []
  let at = plan('online')
  for (let round = 0; round < 4; round++) {
    const step = nextStep(at, lost({ servedMs: 100 }), 0.999_999)
    ceilings.push(Math.round(step.connectInMs ?? -1))
    at = nextStep(step.plan, { kind: 'welcome' }, 0).plan
  }
  assert.deepEqual(ceilings, [250, 500, 1000, 2000])
  assert.equal(nextStep(at, lost({ servedMs: 1000 }), 1).connectInMs, 250)
})

test('[WE2] a time that the server named is waited for, within reason', () => {
  assert.equal(nextStep(plan('connecting'), lost({ code: 1013, retryAfterMs: 3000 }), 0.5).connectInMs, 3125)
  assert.equal(nextStep(plan('connecting'), lost({ code: 1013, retryAfterMs: 1e12 }), 0).connectInMs, 60_000)
  assert.equal(nextStep(plan('connecting'), lost({ code: 1013, retryAfterMs: -5 }), 0).connectInMs, 0)
})

test('[WE3] each close code has the reaction of the catalogue, and an unknown one means reconnect', () => {
  const codes = [
    ...Object.entries(CLOSE_CODES),
    ['4999', { reaction: 'reconnect' }],
    ['1005', { reaction: 'reconnect' }],
  ]
  for (const [code, { reaction }] of codes as [string, { reaction: string }][]) {
    const step = nextStep(plan('online'), lost({ code: Number(code), servedMs: 60_000 }), 0.5)
    assert.equal(step.plan.state === 'stopped', reaction === 'stop', code)
    assert.equal(step.connectInMs === undefined, reaction === 'stop', code)
    assert.equal(step.tokenRefused === true, reaction === 'refresh the token, then reconnect', code)
  }
})

test('[WE3] what stopped stays stopped', () => {
  for (const event of [
    lost(),
    { kind: 'welcome' },
    { kind: 'overtaken' },
    { kind: 'move-failed', code: 4401 },
  ] as const)
    assert.deepEqual(nextStep(plan('stopped'), event, 0.5), { plan: plan('stopped') })
})
