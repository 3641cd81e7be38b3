import assert from 'node:assert/strict'
import test from 'node:test'
import { BatchQueue } from './batch-queue.ts'

/** Batches that are answered when the test says so. */
function stage(itemsMax: number) {
  const batches: { readonly items: readonly number[]; answer(): void; fail(error: Error): void }[] = []
  const queue = new BatchQueue(
    { inFlightMax: 2, itemsMax },
    (items: readonly number[]) =>
      new Promise<readonly string[]>((resolve, reject) =>
        batches.push({ items, answer: () => resolve(items.map((item) => `done ${item}`)), fail: reject }),
      ),
  )
  return { queue, batches }
}

test('[SV37] claims asked for while others are under way go together, and each gets its own answer', async () => {
  const { queue, batches } = stage(3)
  const asked = [1, 2, 3, 4, 5, 6].map((item) => queue.ask(item))
  assert.deepEqual(
    batches.map(({ items }) => items),
    [[1], [2]],
  )
  batches[0]?.answer()
  assert.equal(await asked[0], 'done 1')
  assert.deepEqual(batches[2]?.items, [3, 4, 5])
  batches[2]?.answer()
  assert.deepEqual(await Promise.all([asked[2], asked[3], asked[4]]), ['done 3', 'done 4', 'done 5'])
  assert.deepEqual(batches[3]?.items, [6])
})

test('[SV37] a batch that fails fails for those in it, and the next one goes on', async () => {
  const { queue, batches } = stage(10)
  const asked = [1, 2, 3, 4].map((item) => queue.ask(item))
  batches[0]?.answer()
  await asked[0]
  batches[2]?.fail(new Error('the store is away'))
  await assert.rejects(asked[2] as Promise<string>, /away/)
  await assert.rejects(asked[3] as Promise<string>, /away/)
  const again = queue.ask(5)
  batches[3]?.answer()
  assert.equal(await again, 'done 5')
})
