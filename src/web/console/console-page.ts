import type { ComponentType } from 'react'
import type { Scope } from '../../protocol/tokens.ts'

/** Groups of the navigation, in this order. */
export const PAGE_GROUPS = ['Operate', 'Configure', 'People'] as const

/**
 * A page of the console. It plugs in by one line of `all-pages.ts`; navigation, sign-in, roles, colours and notices
 * come from the shell, through `useConsole`.
 */
export interface ConsolePage {
  /** Its address below the console: `alarms` is at `/console/alarms`. */
  readonly path: string
  readonly title: string
  readonly group: (typeof PAGE_GROUPS)[number]
  /** Whose token does not give it does not see the page; `staff`: everybody who is signed in sees it. */
  readonly scope: Scope | 'staff'
  /** Its code, fetched when it is first opened. */
  readonly load: () => Promise<{ readonly default: ComponentType }>
}
