import assert from 'node:assert/strict'
import test from 'node:test'
import pg from 'pg'
import { idFromBits, type Owner } from '../base/ids.ts'
import { APPEND_SESSION, appendStatement } from './append-statement.ts'
import type { Slice } from './log-store.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'
import { POSTGRES_SESSION } from './postgres-connections.ts'
import { PostgresStage } from './postgres-stage.ts'

const OWNER: Owner = { node: 'a', incarnation: idFromBits(11n) }

const postgres = new PostgresStage()

const slice = (bits: bigint, sender: string, guarded = false): Slice => ({
  conversation: idFromBits(bits),
  epoch: 1,
  expectSeq: 0,
  events: [{ seq: 1, epoch: 1, at: 1, audience: 'everyone', sender, json: '{}' }],
  ...(guarded && { guards: [{ name: 'slot', expect: null, set: 'taken' }] }),
})

test('[SE12] a text that UTF-8 cannot carry is refused instead of changed, and its neighbour is stored', async () => {
  const store = (await postgres.store()).store
  try {
    await store.join(OWNER, CHAT_FACTS)
    for (const bits of [1n, 2n]) await store.open(idFromBits(bits), OWNER)
    const outcomes = await store.append([slice(1n, 'half \ud83d'), slice(2n, 'whole 👋')])
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['unstorable', 'ok'],
    )
    assert.equal((await store.read(idFromBits(2n), 0, 1))?.records[0]?.sender, 'whole 👋')
  } finally {
    await store.close()
  }
})

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'CTE Name'?: string
  readonly 'Subplan Name'?: string
  readonly Plans?: readonly PlanNode[]
}

const withPlans = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(withPlans)]

for (const { heads, guarded } of [0, 3, 20_000].flatMap((count) => [
  { heads: count, guarded: false },
  { heads: count, guarded: true },
]))
  test(`[SE2] ${guarded ? 'a guarded' : 'an'} append locks heads in the order of its sorted slices, with ${heads} heads`, async () => {
    const options = [...POSTGRES_SESSION, ...APPEND_SESSION].map((setting) => `-c ${setting}`).join(' ')
    const client = new pg.Client({ connectionString: await postgres.databases.create(), options })
    await client.connect()
    try {
      await client.query(
        `INSERT INTO holdfast.head (conversation, epoch, owner, opened_at, changed_at)
         SELECT n, 1, n % 3, 0, 0 FROM generate_series(1, ${heads}) n`,
      )
      if (heads > 0) await client.query('ANALYZE holdfast.head')
      const { text } = appendStatement([slice(1n, 'v', guarded)])
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`)
      const plan: PlanNode = rows[0]['QUERY PLAN'][0].Plan
      const moved = withPlans(plan).find((node) => node['Subplan Name'] === 'CTE moved')
      const join = moved?.Plans?.[0]
      assert.equal(join?.['Node Type'], 'Nested Loop')
      assert.equal(join.Plans?.[0]?.['CTE Name'], 'slice', 'slice after slice, as they were sorted')
      // For a handful of rows every index costs the same; the plan is made anew when statistics change.
      if (heads !== 3) assert.equal(join.Plans?.[1]?.['Index Name'], 'head_pkey')
    } finally {
      await client.end()
    }
  })
