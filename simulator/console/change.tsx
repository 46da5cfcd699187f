// Change of a user's access, as shown in the console.

interface ChangeProps {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  readonly isNew?: boolean;
}

/** Signs, words and colors are combined, so that no information depends on one of them alone. */
export function Change({ gained, lost, isNew = false }: ChangeProps) {
  return (
    <ul class="change">
      {isNew && <li class="gained">new user</li>}
      {gained.includes('disabled') && <li class="lost">is disabled</li>}
      {lost.includes('disabled') && <li class="gained">is enabled</li>}
      {gained.filter(isAccess).map((what) => (
        <li key={`+${what}`} class="gained">
          <span class="hidden">gains </span>
          <span aria-hidden="true">+ </span>
          {what}
        </li>
      ))}
      {lost.filter(isAccess).map((what) => (
        <li key={`-${what}`} class="lost">
          <span class="hidden">loses </span>
          <span aria-hidden="true">− </span>
          {what}
        </li>
      ))}
    </ul>
  );
}

const isAccess = (what: string) => what !== 'disabled';
