import type { AccountRole } from '../../protocol/staff-roles.ts'
import { inRoleOrder } from './accounts-facts.ts'

/** What an account is. */
export function RoleTags(props: { roles: readonly AccountRole[] }) {
  if (props.roles.length === 0) return <span className="faint">none</span>
  return (
    <span className="tags">
      {inRoleOrder(props.roles).map((role) => (
        <span key={role} className={`tag ${role === 'admin' ? 'tag-strong' : ''}`}>
          {role}
        </span>
      ))}
    </span>
  )
}
