import { testAuditStore } from './audit-store-contract.ts'
import { PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

testAuditStore('postgres', async () => {
  const { store } = await postgres.store()
  return store.audit
})
