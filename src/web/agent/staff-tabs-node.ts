import type { DeskView } from './staff-desk.ts'

const KEY = 'holdfast:staff-tabs'

export type StaffTabs = Pick<DeskView, 'open' | 'selected' | 'seen'>

/** The conversations that were open before the last reload of this tab, and how far they were read. */
export function loadTabs(): StaffTabs {
  try {
    const tabs: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (isTabs(tabs)) return tabs
  } catch {
    // Nothing that can be read: no tabs.
  }
  return { open: [], seen: {} }
}

export function saveTabs({ open, selected, seen }: StaffTabs): void {
  sessionStorage.setItem(KEY, JSON.stringify({ open, selected, seen }))
}

function isTabs(tabs: unknown): tabs is StaffTabs {
  return typeof tabs === 'object' && tabs !== null && 'open' in tabs && Array.isArray(tabs.open) && 'seen' in tabs
}
