import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import { Configuration } from '../config/configuration.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import type { SecretVault } from '../config/secret-vault-node.ts'
import { sendMail } from '../ops/mail-effect.ts'
import type { Mailer } from '../ops/smtp-mailer-node.ts'
import type { ReachAnswer, SetUpActAnswer, SetUpAnswer, SetUpStepRow } from '../protocol/set-up-answers.ts'
import type { SetUpAddressBody, SetUpCertificateBody, SetUpMailBody } from '../protocol/set-up-schema.ts'
import type { SetUpStepId } from '../protocol/set-up-steps.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { LookAt } from './address-look-node.ts'
import type { CertificateDesk } from './certificate-desk.ts'
import { stateOf } from './cluster-view.ts'
import type { ChangeOutcome } from './config-desk.ts'
import type { NodeFacade } from './node-facade.ts'
import {
  addressFault,
  type DatabaseLook,
  decideSetUp,
  failedStep,
  isComplete,
  isWished,
  type SetUpFacts,
  type SetUpNotes,
} from './set-up-decision.ts'
import { SetUpNotebook } from './set-up-notes.ts'

/** What a node knows of its surroundings, for the set-up. */
export interface SetUpSurroundings {
  readonly documents: DocumentStore
  /** Names the cluster; no secret. */
  readonly cluster: string
  /** The public address that this node was started with; empty: it has the cluster's. */
  readonly startedWith: string
  /** Whether this node speaks TLS to people. */
  readonly tls: boolean
  readonly lookAtDatabase: () => Promise<DatabaseLook>
  readonly lookAtAddress: LookAt
  readonly mailer: Mailer
}

export interface SetUpDeskPorts {
  readonly clock: Clock
  readonly random: Random
  readonly surroundings: SetUpSurroundings
  readonly node: Pick<NodeFacade, 'members'>
  readonly configuration: () => Configuration
  readonly refreshConfiguration: () => Promise<void>
  readonly secrets: Pick<SecretVault, 'read' | 'list' | 'set'>
  readonly certificates: CertificateDesk
  readonly accounts: Pick<AccountStore, 'accounts'>
}

/** How fields of the settings go in: over those of that moment, with whoever asks as author, and recorded. */
export type ChangeSettings = (fields: Readonly<Record<string, string>>, dryRun: boolean) => Promise<ChangeOutcome>

/** What became of an act: what is answered, and whether anything is to be recorded of it. */
export type SetUpOutcome = SetUpActAnswer | Refusal | Extract<ChangeOutcome, { kind: 'faults' | 'conflict' }>

export const MAIL_PASSWORD = 'mail-password'

/** Looks how each step stands, and takes those that are taken here. */
export class SetUpDesk {
  readonly #ports: SetUpDeskPorts
  readonly #notes: SetUpNotebook

  constructor(ports: SetUpDeskPorts) {
    this.#ports = ports
    this.#notes = new SetUpNotebook(ports.surroundings.documents)
  }

  async answer(): Promise<SetUpAnswer> {
    const facts = await this.#facts()
    const steps = decideSetUp(facts)
    const { address, mail } = facts
    return {
      steps,
      complete: isComplete(steps),
      present: {
        publicUrl: address.own || address.central,
        mailServer: mail.server,
        mailFrom: mail.from,
        mailPassword: (await this.#ports.secrets.list()).secrets.some(({ name }) => name === MAIL_PASSWORD),
      },
    }
  }

  /** Stores an address that leads here; another one only where somebody says so. */
  async takeAddress({ publicUrl, unreached, dryRun }: SetUpAddressBody, change: ChangeSettings): Promise<SetUpOutcome> {
    const url = publicUrl.replace(/\/$/, '').toLowerCase()
    // Judged first: what is no address is not looked at.
    const judged = await change({ publicUrl: url }, true)
    if (judged.kind === 'faults' || judged.kind === 'conflict') return judged
    const look = await this.#look(url)
    const fault = addressFault(url, look)
    if (fault && !unreached) return { changed: false, step: failedStep('address', fault.sentence, fault.remedy) }
    const stored = dryRun ? judged : await change({ publicUrl: url }, false)
    if (stored.kind === 'faults' || stored.kind === 'conflict') return stored
    return this.#told('address', stored.kind !== 'nothing')
  }

  /** Imports a certificate, has one issued, or notes that a balancer speaks HTTPS. What is so already stays. */
  async takeCertificate(body: SetUpCertificateBody, by: string): Promise<SetUpOutcome> {
    const { import: given, issue, balancer, dryRun = false } = body
    if ([given, issue, balancer].filter((each) => each !== undefined).length !== 1)
      return refuse('malformed', { detail: 'Say one of import, issue and balancer.' })
    const { certificates } = this.#ports
    if (given) {
      const judged = await certificates.import({ ...given, dryRun: true }, by)
      if ('kind' in judged) return judged
      const same = (await certificates.row())?.fingerprint === judged.certificate.fingerprint
      if (same || dryRun) return this.#told('certificate', !same)
      const stored = await certificates.import(given, by)
      return 'kind' in stored ? stored : this.#told('certificate', true)
    }
    if (issue) {
      const wish = await certificates.issueRow()
      const same = wish !== undefined && isWished(issue, wish)
      if (same || (dryRun && issue.agreeTerms)) return this.#told('certificate', !same)
      const asked = await certificates.issue(issue, by)
      return 'kind' in asked ? asked : this.#told('certificate', true)
    }
    const known = (await this.#notes.read()).balancer
    if (!known && !dryRun) await this.#note((notes) => ({ ...notes, balancer: true }), 'certificate')
    return this.#told('certificate', !known)
  }

  /** Sends a test mail by what is given, and stores that only if a server took it. */
  async takeMail(body: SetUpMailBody, change: ChangeSettings, keep: KeepPassword): Promise<SetUpOutcome> {
    const { server, from, to, dryRun = false } = body
    const { secrets, surroundings, random, clock } = this.#ports
    const fields = { mailServer: server, mailFrom: from }
    const judged = await change(fields, true)
    if (judged.kind === 'faults' || judged.kind === 'conflict') return judged
    const present = this.#ports.configuration().one(CLUSTER_SETTINGS)
    const known = await secrets.read(MAIL_PASSWORD)
    // A password is told to the server and user that it was given for, and to no other.
    const password = body.password ?? (present.mailServer === server ? known : undefined)
    const { tested } = await this.#notes.read()
    const settled = judged.kind === 'nothing' && (body.password === undefined || body.password === known)
    if (settled && tested?.server === server && tested.from === from && tested.to === to)
      return this.#told('mail', false)
    if (dryRun) return this.#told('mail', true)
    const candidate = this.#configurationWith(fields)
    const order = { to, template: 'test', facts: {} }
    const outcome = await sendMail(
      { configuration: () => candidate, secret: async () => password, mailer: surroundings.mailer },
      `set-up:${random.id()}`,
      order,
      // A template of that name which somebody wrote may ask for too much.
    ).catch((error: Error) => ({ kind: 'never' as const, reason: error.message }))
    if (outcome.kind !== 'done')
      return {
        changed: false,
        step: failedStep('mail', `No test mail was sent: ${outcome.reason}`, mailRemedy(server)),
      }
    if (body.password !== undefined && body.password !== known) {
      const sealed = await keep(body.password)
      if (sealed) return sealed
    }
    const stored = await change(fields, false)
    if (stored.kind === 'faults' || stored.kind === 'conflict') return stored
    await this.#note((notes) => ({ ...notes, tested: { server, from, to, at: clock.wallMs() } }), 'mail')
    return this.#told('mail', true)
  }

  async skip(step: SetUpStepId, dryRun: boolean): Promise<SetUpActAnswer> {
    const known = (await this.#notes.read()).skipped.includes(step)
    if (!known && !dryRun) await this.#notes.change((notes) => ({ ...notes, skipped: [...notes.skipped, step] }))
    return this.#told(step, !known)
  }

  /** What was taken is left out no more. */
  async #note(edit: (notes: SetUpNotes) => SetUpNotes, step: SetUpStepId): Promise<void> {
    await this.#notes.change((notes) => {
      const edited = edit(notes)
      return { ...edited, skipped: edited.skipped.filter((each) => each !== step) }
    })
  }

  async #told(id: SetUpStepId, changed: boolean): Promise<SetUpActAnswer> {
    const step = decideSetUp(await this.#facts()).find((each) => each.id === id) as SetUpStepRow
    return { changed, step }
  }

  async #facts(): Promise<SetUpFacts> {
    const { surroundings, certificates, accounts, node, configuration } = this.#ports
    await this.#ports.refreshConfiguration()
    const { publicUrl = '', mailServer = '', mailFrom = '' } = configuration().one(CLUSTER_SETTINGS)
    const url = surroundings.startedWith || publicUrl
    const [database, look, present, issue, people, notes] = await Promise.all([
      surroundings.lookAtDatabase(),
      url === '' ? undefined : this.#look(url),
      certificates.row(),
      certificates.issueRow(),
      accounts.accounts(),
      this.#notes.read(),
    ])
    return {
      database,
      address: { own: surroundings.startedWith, central: publicUrl, ...(look && { look }) },
      certificate: { nodeTls: surroundings.tls, ...(present && { present }), ...(issue && { issue }) },
      mail: { server: mailServer, from: mailFrom },
      administrators: people.filter(({ roles, disabled }) => roles.includes('admin') && !disabled).length,
      nodes: node.members().filter((member) => stateOf(member) === 'live').length,
      notes,
    }
  }

  #look(url: string) {
    const { surroundings, random } = this.#ports
    const wanted: ReachAnswer = { cluster: surroundings.cluster, nonce: random.id() }
    return surroundings.lookAtAddress(url, wanted)
  }

  #configurationWith(fields: Readonly<Record<string, string>>): Configuration {
    const present = this.#ports.configuration()
    const name = CLUSTER_SETTINGS.kind
    const value = { ...present.document(name)?.value, ...fields }
    const others = present.documents().filter((document) => document.name !== name)
    return new Configuration(present.revision, [...others, { name, revision: present.revision, value }])
  }
}

/** Puts the password of the mail server into the vault; a refusal where that is sealed. */
export type KeepPassword = (password: string) => Promise<Refusal | undefined>

function mailRemedy(server: string): string {
  return `Check host, port and user of ${server}, its password, and that this server may reach it: 587 is usual for smtp:, 465 for smtps:. Nothing was stored.`
}
