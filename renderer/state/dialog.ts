// The dialogs of the window; one is open at a time.

export type Dialog = { readonly kind: 'help' } | { readonly kind: 'record' } | { readonly kind: 'lane'; readonly lane: string };
