import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StoredRole } from '../store/account-store.ts'
import { httpStage } from './http-stage.ts'

// The stage as a process of its own, for tests of pages in a browser, which import nothing of the server. Its argument is
// the folder of the built pages. It tells its address, then takes lines: `{"account": {name, roles, password}}` makes an
// account, `{"passMs": 1000}` lets time pass; each is answered by `{}`. It ends with its standard input.

type Line =
  | { readonly account: { readonly name: string; readonly roles: readonly StoredRole[]; readonly password: string } }
  | { readonly passMs: number }

const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-stage-'))
const stage = await httpStage({ pagesDirectory: process.argv[2] ?? '' }, true, undefined, { dataDir })
await stage.shelf.cache.start()
await stage.app.listen({ port: 0, host: '127.0.0.1' })
// Pages tell times relative to their own clock.
await stage.clock.advance(Date.now() - stage.clock.wallMs())
const { port } = stage.app.server.address() as AddressInfo
tell({ url: `http://127.0.0.1:${port}` })
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Line
  if ('account' in asked) await makeAccount(asked.account)
  else await stage.clock.advance(asked.passMs)
  tell({})
}
await stage.app.close()
stage.shelf.stop()
rmSync(dataDir, { recursive: true })

async function makeAccount({ name, roles, password }: Extract<Line, { account: unknown }>['account']): Promise<void> {
  const { store, passwords } = stage.people
  const passwordHash = await passwords.hash(password)
  await store.createAccount({ id: stage.random.id(), name, displayName: name, roles, passwordHash })
}

function tell(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
