import { testOutboxStore } from './outbox-store-contract.ts'
import { carryOut, PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

testOutboxStore('postgres', async () => {
  const { store, url } = await postgres.store()
  return {
    store,
    outbox: store.outbox,
    // Time passes by moving everything that happened back by as much.
    pass: (ms) => {
      const columns = ['due_at', 'ended_at', 'posted_at'].map((column) => `${column} = ${column} - ${ms}`)
      return carryOut(url, [`UPDATE holdfast.outbox SET ${columns.join(', ')}`])
    },
  }
})
