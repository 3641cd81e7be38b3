import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { TestMailbox } from '../ops/test-mailbox-node.ts'
import { httpStage, memberRow } from './http-stage.ts'

// A node on which nobody has an account, and a mail server beside it, as a process of its own: for tests of the set-up in
// a browser. Its argument is the folder of the built pages. It tells its address, the set-up link, and the port of the
// mail server, which knows the user `holdfast`; each further line is answered by who was sent a mail.
// It ends with its standard input.

const stage = await httpStage({ pagesDirectory: process.argv[2] ?? '' })
stage.node.members_ = [memberRow('e1', ['edge', 'chat'])]
await stage.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = stage.app.server.address() as AddressInfo
const url = `http://127.0.0.1:${port}`
const mailbox = await TestMailbox.open({ name: 'holdfast', password: process.argv[3] ?? '' })
tell({ url, link: await stage.people.setUpLink(url), mailPort: mailbox.port })
for await (const _ of createInterface({ input: process.stdin })) tell({ mails: mailbox.mails.map(({ to }) => to) })
await mailbox.close()
await stage.app.close()

function tell(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
