import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { AuditStore } from '../store/audit-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { MemoryAuditStore } from '../store/memory-audit-store.ts'
import { sha256 } from '../store/sha256-node.ts'
import { endChain, followChain, NO_RECORDS } from './audit-chain-decision.ts'
import type { AuditEntry } from './audit-entry.ts'
import { AuditTrail, type WaitingRecord } from './audit-trail.ts'

const ADA = { subject: 'ada', name: 'Ada', from: '10.0.0.1' }

type Step =
  | { readonly kind: 'act'; readonly outcome: 'done' | 'nothing' | 'throws' | 'slow' }
  | { readonly kind: 'fault'; readonly fault: 'refused' | 'lost' | 'hangs' }
  | { readonly kind: 'die' }
  | { readonly kind: 'wait'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      outcome: fc.constantFrom('done', 'nothing', 'throws', 'slow'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('fault' as const), fault: fc.constantFrom('refused', 'lost', 'hangs') }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'die' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 8000 }) }) },
)

/** One node over its runs: the disk and the store stay, what a dead run still waits for never comes. */
class Node {
  readonly clock = new ManualClock()
  readonly kept = new MemoryAuditStore({ now: () => this.clock.wallMs(), hash: sha256 })
  readonly faults: string[] = []
  readonly disk = new Map<string, WaitingRecord>()
  #ids = 0
  #alive = { yes: true }
  #trail = this.#run()

  get trail(): AuditTrail {
    return this.#trail
  }

  die(): void {
    this.#alive.yes = false
    this.#trail.stop()
    this.#alive = { yes: true }
    this.#trail = this.#run()
  }

  #run(): AuditTrail {
    const alive = this.#alive
    const living = async <Answer>(answer: () => Answer): Promise<Answer> =>
      alive.yes ? answer() : new Promise<never>(() => {})
    const store: AuditStore = {
      auditRows: (...range) => this.kept.auditRows(...range),
      auditHead: () => this.kept.auditHead(),
      appendAudit: async (...record) => {
        const fault = this.faults.shift()
        if (fault === 'hangs' || !alive.yes) return new Promise<never>(() => {})
        if (fault === 'refused') throw new StoreUnavailable('away')
        const row = await this.kept.appendAudit(...record)
        if (fault === 'lost') throw new IndefiniteOutcome('the reply was lost')
        return living(() => row)
      },
    }
    const spool = {
      put: (record: WaitingRecord) => living(() => void this.disk.set(record.id, record)),
      drop: (id: string) => living(() => void this.disk.delete(id)),
      all: () => living(() => [...this.disk.values()]),
    }
    const random = { fraction: () => 0, id: () => `id-${++this.#ids}` }
    const trail = new AuditTrail({ store, spool, clock: this.clock, random, log: silentLog, node: 'e1' })
    trail.start()
    return trail
  }
}

test('[AU1] [OP31] whatever fails and whenever the node dies, each act that took place has one record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const node = new Node()
      const happened = new Set<string>()
      const [refused, cut] = [new Set<string>(), new Set<string>()]
      for (const [index, each] of steps.entries()) {
        const on = `act-${index}`
        if (each.kind === 'fault') node.faults.push(each.fault)
        else if (each.kind === 'die') node.die()
        else if (each.kind === 'wait') await node.clock.advance(each.ms)
        else {
          const act = node.trail.act(ADA, { act: 'node.enable', on }, async () => {
            if (each.outcome === 'throws') throw new StoreUnavailable('away')
            if (each.outcome === 'slow') return new Promise<never>(() => void cut.add(on))
            if (each.outcome === 'done') happened.add(on)
            else refused.add(on)
            return { outcome: null, happened: each.outcome }
          })
          act.catch(() => {})
          await node.clock.advance(each.outcome === 'slow' ? 1 : 0)
        }
      }
      node.faults.length = 0
      node.die()
      await node.clock.advance(20_000)
      node.trail.stop()
      const rows = await node.kept.auditRows(0, 1000)
      const recorded = rows.map(({ body }) => (JSON.parse(body) as AuditEntry).on)
      assert.equal(new Set(recorded).size, recorded.length, 'none twice')
      for (const on of happened) assert.ok(recorded.includes(on), `${on} took place`)
      for (const on of cut) assert.ok(recorded.includes(on), `${on} may have taken place`)
      assert.equal(node.disk.size, 0)
      const followed = followChain(NO_RECORDS, rows, sha256)
      assert.ok(followed.kind === 'sound' && endChain(followed.head, await node.kept.auditHead()).kind === 'sound')
      const strange = recorded.filter((on) => !happened.has(on) && !cut.has(on))
      assert.deepEqual(strange, [], 'what was refused has none')
    }),
    { numRuns: 300 },
  )
})
