// Login to the console with an API key, which is exchanged for a token that is valid for one hour.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorNotice, useAction } from './loaded.tsx';
import { logIn } from './server.ts';

/** The page that is shown without a session. The view that the URL names is shown after login. */
export function LogIn() {
  return (
    <main class="log-in">
      <h1>Simulator</h1>
      <KeyForm />
    </main>
  );
}

/** Login dialog shown over the views, which keep the text that the user typed. */
export function LogInAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="log-in" aria-labelledby="log-in-again" onCancel={(event) => event.preventDefault()}>
      <h2 id="log-in-again">Log in again</h2>
      <p>
        The session has ended: it was one hour old, the simulator was restarted, or the API key was deleted. What you
        typed is kept, and what you were saving is sent once you have logged in.
      </p>
      <KeyForm />
    </dialog>
  );
}

function KeyForm() {
  const [key, setKey] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        act(() => logIn(key.trim()));
      }}
    >
      <label>
        API key
        <input
          type="password"
          autocomplete="off"
          required
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <p class="hint">
        <code>user-info simulate api-keys create USER --name console</code> prints a key for a user with USER_ADMIN.
      </p>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <button type="submit" disabled={isBusy}>
        Log in
      </button>
    </form>
  );
}
