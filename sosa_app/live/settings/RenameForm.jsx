/** Giving something another name, where the name stands. `onDone` gets the new one, or null when it stays. */
export function RenameForm({ name, strings, onDone }) {
  function submit(event) {
    event.preventDefault();
    const typed = new FormData(event.target).get("name").trim();
    onDone(typed && typed !== name ? typed : null);
  }

  return (
    <form onSubmit={submit} className="settings-inline">
      <input name="name" defaultValue={name} aria-label={strings.name} maxLength={80} autoFocus required />
      <button type="submit" className="pill pill-brand">{strings.keep}</button>
    </form>
  );
}
