import { testAuditStore } from './audit-store-contract.ts'
import { MemoryAuditStore } from './memory-audit-store.ts'
import { sha256 } from './sha256-node.ts'

testAuditStore('memory', async () => new MemoryAuditStore({ now: () => 1_700_000_000_000, hash: sha256 }))
