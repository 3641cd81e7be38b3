import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { StoredConfiguration } from '../store/config-store.ts'
import { MemoryConfigStore } from '../store/memory-config-store.ts'
import { ConfigKeeper } from './config-keeper.ts'
import { KindTable } from './kind-table.ts'
import { CONFIG_KINDS } from './kinds/all-kinds.ts'

class LeavingStore extends MemoryConfigStore {
  away = false
  override async configRevision(): Promise<number> {
    if (this.away) throw new Error('away')
    return super.configRevision()
  }
}

function stage() {
  const clock = new ManualClock()
  const store = new LeavingStore(() => clock.wallMs())
  const kept: { last?: StoredConfiguration } = {}
  const cache = {
    read: async () => kept.last,
    write: async (configuration: StoredConfiguration) => {
      kept.last = configuration
    },
  }
  const keeper = () =>
    new ConfigKeeper({
      clock,
      log: silentLog,
      store,
      cache,
      kinds: new KindTable(CONFIG_KINDS),
      digest: (text) => String(text.length),
    })
  let changes = 0
  const write = async (name: string, body: string | null) => {
    const { documents } = await store.configuration()
    const expect = documents.find((document) => document.name === name)?.revision ?? 0
    changes += 1
    await store.changeConfiguration({
      key: `k${changes}`,
      author: 'ada',
      reason: 'why',
      edits: [{ name, expect, body }],
    })
  }
  return { clock, store, kept, keeper, write }
}

test('[CF34] what is stored is run well within two seconds, and remembered', async () => {
  const { clock, kept, keeper, write } = stage()
  const one = keeper()
  await one.start()
  const seen: number[] = []
  one.onChange(({ revision }) => seen.push(revision))
  await write('queue/sales', '{"title":"Sales"}')
  await clock.advance(600)
  assert.deepEqual(seen, [0, 1])
  assert.equal(one.configuration().document('queue/sales')?.value.title, 'Sales')
  assert.equal(kept.last?.revision, 1)
  one.stop()
})

test('[CF35] a node that starts while the store is away runs what it knew last, and then what is new', async () => {
  const { clock, store, keeper, write } = stage()
  const before = keeper()
  await before.start()
  await write('queue/sales', '{"title":"Sales"}')
  await clock.advance(600)
  before.stop()
  store.away = true
  const restarted = keeper()
  const starting = restarted.start()
  await clock.advance(2000)
  await starting
  assert.deepEqual([restarted.known, restarted.configuration().revision], ['last-known', 1])
  store.away = false
  await write('queue/sales', '{"title":"Verkauf"}')
  await clock.advance(600)
  assert.deepEqual([restarted.known, restarted.configuration().revision], ['from-store', 2])
  restarted.stop()
})

test('[CF36] nodes have one digest when they run the same, and another when they do not', async () => {
  const { clock, keeper, write } = stage()
  const [one, other] = [keeper(), keeper()]
  await one.start()
  await other.start()
  await write('queue/sales', '{"title":"Sales"}')
  await one.refresh()
  assert.notEqual(one.digest, other.digest)
  await clock.advance(600)
  assert.equal(one.digest, other.digest)
  one.stop()
  other.stop()
})

test('[CF37] what another version wrote and this one does not understand changes nothing here', async () => {
  const { keeper, write } = stage()
  const one = keeper()
  await write('queue/sales', '{"title":"Sales"}')
  await one.start()
  await write('queue/sales', '{"title":"Sales","colourOfTomorrow":"mauve"}')
  await write('hologram/main', '{}')
  await one.refresh()
  const { revision } = one.configuration()
  assert.deepEqual(
    [
      revision,
      one
        .configuration()
        .documents()
        .map(({ name }) => name),
    ],
    [3, ['queue/sales']],
  )
  assert.deepEqual(one.configuration().document('queue/sales')?.value, { title: 'Sales' })
  one.stop()
})
