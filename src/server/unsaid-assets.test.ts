import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { Configuration } from '../config/configuration.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { UnsaidAssets } from './unsaid-assets.ts'

test('the history is read for assets once a minute, and again where it or they are others', async () => {
  const clock = new ManualClock()
  let [revision, reads, away] = [1, 0, true]
  const unsaidAssets = async () => {
    if (away) throw new StoreUnavailable('away')
    reads += 1
    return [{ file: 'a.png', since: reads }]
  }
  const keeper = { configuration: () => new Configuration(revision) }
  const unsaid = new UnsaidAssets({ clock, keeper, store: { unsaidAssets } })
  await assert.rejects(unsaid.of(['a.png']), StoreUnavailable)
  away = false
  for (let look = 0; look < 5; look++) assert.deepEqual(await unsaid.of(['a.png']), [{ file: 'a.png', since: 1 }])
  await unsaid.of(['a.png', 'b.png'])
  assert.equal(reads, 2)
  revision = 2
  await unsaid.of(['a.png'])
  assert.equal(reads, 3)
  unsaid.forget()
  await unsaid.of(['a.png'])
  assert.equal(reads, 4)
  await clock.advance(60_000)
  await unsaid.of(['a.png'])
  assert.equal(reads, 5)
})
