import { testConfigStore } from './config-store-contract.ts'
import { PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

testConfigStore('postgres', async () => {
  const { store } = await postgres.store()
  return store.configuration
})
