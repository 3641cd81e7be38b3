import type { Configuration } from '../config/configuration.ts'
import { BRANDING } from '../config/kinds/branding.ts'
import { EMAIL_TEMPLATE } from '../config/kinds/email-template.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import { renderTemplate } from '../config/liquid-template.ts'
import type { MailOrder } from './mail-order.ts'
import { BUILT_IN_TEMPLATES, type MailTemplate } from './mail-templates.ts'

/** A mail, written. */
export interface Letter {
  readonly id: string
  readonly to: string
  /** Shown beside the sender's address. */
  readonly sender: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

const SUBJECT_LENGTH_MAX = 250

/** Writes a letter by the configured template of that name, else by the built-in one. Rejects where there is neither. */
export async function writeLetter(
  id: string,
  order: MailOrder,
  facts: Readonly<Record<string, unknown>>,
  configuration: Configuration,
): Promise<Letter> {
  const template = templateCalled(order.template, configuration)
  if (!template) throw new Error(`There is no e-mail template called ${order.template}.`)
  const brand = configuration.one(BRANDING).name ?? ''
  const { publicUrl = '' } = configuration.one(CLUSTER_SETTINGS)
  const known = { brand, publicUrl, server: publicUrl.replace(/^https?:\/\//, ''), ...facts }
  const subject = await renderTemplate(template.subject, known, 'text')
  return {
    id,
    to: order.to,
    sender: brand,
    // A line of its own in a header would be another header.
    subject: subject.replaceAll(/\s+/g, ' ').trim().slice(0, SUBJECT_LENGTH_MAX).toWellFormed(),
    text: await renderTemplate(template.text, known, 'text'),
    html: template.html ? await renderTemplate(template.html, known, 'html') : '',
  }
}

function templateCalled(name: string, configuration: Configuration): MailTemplate | undefined {
  const written = configuration.all(EMAIL_TEMPLATE).get(name)
  if (written) return { subject: written.subject, text: written.text, html: written.html ?? '' }
  return Object.hasOwn(BUILT_IN_TEMPLATES, name) ? BUILT_IN_TEMPLATES[name] : undefined
}
