import { Button, Popover, UnstyledButton } from '@mantine/core'
import { use, useState } from 'react'
import type { StaffClaims } from '../../protocol/tokens.ts'
import { SignOut } from './console-frame.tsx'
import { initials } from './console-text.ts'
import { rolesOf } from './token-facts.ts'

/** Who is signed in, as what, and the way out. */
export function AccountButton(props: { claims: StaffClaims }) {
  const { claims } = props
  const signOut = use(SignOut)
  const [opened, setOpened] = useState(false)
  const roles = rolesOf(claims).join(', ') || 'no role'
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width={240}
      position="bottom-end"
      offset={11}
      radius={14}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <UnstyledButton className="who" onClick={() => setOpened(!opened)}>
          <span className="hidden-text">
            Signed in as {claims.name}, {roles}
          </span>
          <span className="who-face" aria-hidden="true">
            {initials(claims.name)}
          </span>
          <span className="who-name" aria-hidden="true">
            {claims.name}
            <small>{roles}</small>
          </span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className="who-card">
        <p className="who-words">
          <strong>{claims.name}</strong>
          <span>{roles}</span>
        </p>
        <Button component="a" href="/console/my-account" variant="default" fullWidth onClick={() => setOpened(false)}>
          My account
        </Button>
        <Button variant="default" fullWidth onClick={signOut}>
          Sign out
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}
