import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { resolveSettings } from '../config/settings.ts'
import { TestMailbox } from '../ops/test-mailbox-node.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { TestDatabases } from '../store/test-database-node.ts'
import { serveNode } from './serve-node.ts'

/** Real nodes in the process of a test, on a PostgreSQL of their own, with a mail server that keeps what it is given. */
export async function servedStage(context: TestContext) {
  const secret = 'the secret of a cluster that lives for one test'
  // The last thing that was opened is closed first.
  const undo: (() => unknown)[] = []
  context.after(async () => {
    for (const step of undo.reverse()) await step()
  })
  const databases = await TestDatabases.start()
  undo.push(() => databases.stop())
  const mailbox = await TestMailbox.open()
  undo.push(() => mailbox.close())
  const database = await databases.create()
  const store = new PostgresStore({ url: database, log: silentLog, applicationName: 'test' })
  undo.push(() => store.close())

  /** Writes the document `settings`, with the mail server. */
  const configure = (settings: object) => {
    const mail = { mailServer: `smtp://127.0.0.1:${mailbox.port}`, mailFrom: 'chat@holdfast.example' }
    const edits = [{ name: 'settings', expect: 0, body: JSON.stringify({ ...mail, ...settings }) }]
    return store.configuration.changeConfiguration({ key: 'k', author: 'ada', reason: 'mail', edits })
  }
  const serve = async (name: string, fatal: (reason: string) => void) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-served-'))
    undo.push(() => rmSync(dataDir, { recursive: true, force: true }))
    const ports = { host: '127.0.0.1', port: '0', 'relay-port': '0', 'relay-host': '127.0.0.1' }
    const options = { database, 'data-dir': dataDir, name, ...ports, 'log-level': 'error', 'accept-data-loss': true }
    const node = await serveNode(resolveSettings({ options, env: { HOLDFAST_SECRET: secret } }), { fatal })
    undo.push(() => node.stop())
    return node
  }
  return { secret, store, mailbox, undo, configure, serve }
}
