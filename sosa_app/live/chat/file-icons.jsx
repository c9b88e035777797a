/** Icons of pictures and files, in the stroke of the others. */

function Icon({ children, size = 20 }) {
  return (
    <svg
      viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="1.8"
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false"
    >
      {children}
    </svg>
  );
}

export const Clip = (props) => (
  <Icon {...props}><path d="m19.5 11.5-7.4 7.400a4.6 4.6 0 0 1-6.5-6.5l7.8-7.800a3.1 3.1 0 0 1 4.4 4.400l-7.7 7.700a1.5 1.5 0 0 1-2.2-2.200l7-7" /></Icon>
);

export const Cross = (props) => (
  <Icon {...props}><path d="m6 6 12 12M18 6 6 18" /></Icon>
);

export const Paper = (props) => (
  <Icon {...props}><path d="M6 3.5h8l4.5 4.5v12.5H6V3.5Zm8 0V8h4.5" /></Icon>
);

export const Before = (props) => (
  <Icon {...props}><path d="m14.5 5.5-6.5 6.5 6.5 6.5" /></Icon>
);

export const After = (props) => (
  <Icon {...props}><path d="m9.5 5.5 6.5 6.5-6.5 6.5" /></Icon>
);

export const Save = (props) => (
  <Icon {...props}><path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14" /></Icon>
);
