import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryAccountStore } from '../store/memory-account-store.ts'
import { LockOut } from './lock-out.ts'
import { ADDRESS_SCHEDULE, addressKey, decideAttempt, NAME_SCHEDULE } from './lock-out-decision.ts'
import { secretTexts } from './secret-text-node.ts'

const NONE = { failures: 0, lastAt: 0, blockedUntil: 0 }

test('[AN1] the wait after a failed attempt doubles, up to a bound, and is forgotten after a while', () => {
  let [attempts, now] = [NONE, 1_000_000]
  const waits: number[] = []
  for (let count = 0; count < 20; count++) {
    const decision = decideAttempt(attempts, NAME_SCHEDULE, now)
    assert.ok(decision.kind === 'go')
    attempts = decision.next
    waits.push(attempts.blockedUntil - now)
    now = attempts.blockedUntil
  }
  assert.deepEqual(waits.slice(0, 8), [0, 0, 0, 0, 1000, 2000, 4000, 8000])
  assert.ok(waits.slice(15).every((wait) => wait === NAME_SCHEDULE.waitMsMax))
  const later = decideAttempt(attempts, NAME_SCHEDULE, attempts.lastAt + NAME_SCHEDULE.forgetAfterMs)
  assert.equal(later.kind === 'go' && later.next.failures, 1)
})

test('[AN1] what comes during a wait changes nothing: nobody keeps another one out for longer by trying', () => {
  const blocked = { failures: 7, lastAt: 1000, blockedUntil: 9000 }
  assert.deepEqual(decideAttempt(blocked, NAME_SCHEDULE, 4000), { kind: 'wait', waitMs: 5000 })
  assert.equal(decideAttempt(blocked, NAME_SCHEDULE, 9000).kind, 'go')
})

test('[AN1] of a hundred attempts at once under one name no more are made than the first ones without a wait', async () => {
  const lockOut = new LockOut(new MemoryAccountStore(() => 1_000_000), secretTexts)
  const waits = await Promise.all(Array.from({ length: 100 }, (_, index) => lockOut.begin('ada', `192.0.2.${index}`)))
  assert.ok(waits.filter((wait) => wait === undefined).length <= NAME_SCHEDULE.free)
})

test('[AN1] one address that tries many names is slowed down, and one that succeeds is not', async () => {
  let now = 1_000_000
  const lockOut = new LockOut(new MemoryAccountStore(() => now), secretTexts)
  for (let count = 0; count < 100; count++) {
    assert.equal(await lockOut.begin('ada', '192.0.2.1'), undefined)
    await lockOut.succeed('ada', '192.0.2.1')
  }
  for (let count = 0; count < ADDRESS_SCHEDULE.free; count++)
    assert.equal(await lockOut.begin(`name-${count}`, '192.0.2.2'), undefined)
  assert.equal(await lockOut.begin('another', '192.0.2.2'), 1000)
  assert.equal(await lockOut.begin('another', '192.0.2.3'), undefined)
  now += 1000
  assert.equal(await lockOut.begin('another', '192.0.2.2'), undefined)
})

test('[AN1] an address is what one person cannot change at will: all of IPv4, the network of IPv6', () => {
  const table = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0db8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ] as const
  for (const [address, key] of table) assert.equal(addressKey(address), key, address)
})
