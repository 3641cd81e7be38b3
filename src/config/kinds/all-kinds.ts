import type { ConfigKind } from '../config-kind.ts'
import { BRANDING } from './branding.ts'
import { EMAIL_TEMPLATE } from './email-template.ts'
import { QUEUE } from './queue.ts'
import { CLUSTER_SETTINGS } from './settings-document.ts'
import { SIGN_IN } from './sign-in-document.ts'
import { TEXT } from './text.ts'
import { VIRTUAL_AGENT } from './virtual-agent.ts'
import { WEB_CLIENT } from './web-client.ts'

/** Every kind of configuration document, in the order in which they are shown. */
export const CONFIG_KINDS: readonly ConfigKind[] = [
  CLUSTER_SETTINGS,
  SIGN_IN,
  BRANDING,
  QUEUE,
  WEB_CLIENT,
  VIRTUAL_AGENT,
  TEXT,
  EMAIL_TEMPLATE,
]
