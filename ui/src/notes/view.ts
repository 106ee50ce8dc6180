/** What a panel of notes shows. */
export interface NotesView {
  kind: 'notes';
  /** Markdown. */
  text: string;
}
