import { testAssetStore } from './asset-store-contract.ts'
import { carryOut, PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

testAssetStore('postgres', async () => {
  const { store, url } = await postgres.store()
  const age = (ms: number) => {
    const columns = ['begun_at', 'at', 'wanted_at'].map((column) => `${column} = ${column} - ${ms}`)
    return carryOut(url, [`UPDATE holdfast.asset SET ${columns.join(', ')}`])
  }
  return { assets: store.assets, config: store.configuration, age }
})
