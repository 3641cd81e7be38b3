import { testAccountStore } from './account-store-contract.ts'
import { carryOut, PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

// Time passes by making everything older.
const older = (ms: number) => [
  `UPDATE holdfast.session SET seen_at = seen_at - ${ms}, ends_at = ends_at - ${ms}`,
  `UPDATE holdfast.api_key SET ends_at = ends_at - ${ms}`,
  `UPDATE holdfast.set_up_link SET ends_at = ends_at - ${ms}`,
]

testAccountStore('postgres', async () => {
  const { store, url } = await postgres.store()
  return { store: store.accounts, pass: (ms) => carryOut(url, older(ms)) }
})
