import { Kbd } from '@mantine/core'
import { DESK_KEYS } from './use-desk-keys.ts'

/** What stands where a conversation will be: how to begin, and the keys that save time. */
export function NothingSelected() {
  return (
    <div className="empty nothing">
      <h2>Choose a conversation</h2>
      <p>You may open as many as you like; each keeps its tab and its place.</p>
      <dl className="keys">
        {DESK_KEYS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              <Kbd size="xs">Alt</Kbd> <Kbd size="xs">{keys}</Kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
