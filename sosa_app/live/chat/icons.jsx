/** The chat's few icons: drawn here, one stroke width, decoration only (the words are beside them). */

function Icon({ children, size = 20, ...rest }) {
  return (
    <svg
      viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="1.8"
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" {...rest}
    >
      {children}
    </svg>
  );
}

export const Campfire = ({ isLit = false, ...rest }) => (
  <Icon {...rest}>
    <path
      d="M12.4 2.8c.5 3-3.9 4.7-3.9 8.800a3.5 3.5 0 0 0 7 .1c0-1.6-.8-2.5-.7-4 1.7.9 3 2.7 3 5a5.8 5.8 0 0 1-11.6 0c0-5 5.3-5.6 6.2-9.900Z"
      fill={isLit ? "var(--sosa-amber)" : "none"} stroke={isLit ? "var(--sosa-coral)" : "currentColor"}
    />
    <path d="m4.5 21.5 15-3.600M4.5 17.900l15 3.6" stroke={isLit ? "var(--sosa-muted)" : "currentColor"} />
  </Icon>
);

export const Talk = (props) => (
  <Icon {...props}>
    <path d="M20.5 11.500c0 4-3.8 7.2-8.5 7.2-1 0-2-.2-3-.5L4 20.500l1.3-4c-1.1-1.3-1.8-3-1.8-5 0-4 3.8-7.2 8.5-7.200s8.5 3.2 8.5 7.200Z" />
    <path d="M8.5 11.500h.01M12 11.500h.01M15.5 11.500h.01" strokeWidth="2.6" />
  </Icon>
);

export const Crowd = (props) => (
  <Icon {...props}>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M2.8 19.500c.4-3.4 3-5.5 6.2-5.500s5.8 2.1 6.2 5.5" />
    <path d="M15.5 5.300a3.5 3.5 0 0 1 0 6.400M17.6 14.600c2 .7 3.3 2.5 3.6 4.9" />
  </Icon>
);

export const Plane = (props) => (
  <Icon {...props}>
    <path d="M4 12 20 4.5 15.5 20l-4-6.500L4 12Zm7.5 1.500L20 4.5" />
  </Icon>
);

export const Down = (props) => (
  <Icon {...props}>
    <path d="M12 5v13m0 0 5.5-5.500M12 18l-5.5-5.5" />
  </Icon>
);

export const Again = (props) => (
  <Icon {...props}>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.500M19.5 3.500v4h-4" />
  </Icon>
);

export const Bin = (props) => (
  <Icon {...props}>
    <path d="M5 7h14M10 7V4.500h4V7m-7.5 0 .8 12.500h9.400L17.5 7" />
  </Icon>
);

export const Smile = (props) => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M8.3 14.2c1.8 2.6 5.600 2.6 7.400 0" />
    <path d="M9 9.700h.01M15 9.700h.01" strokeWidth="2.6" />
  </Icon>
);

export const Eye = (props) => (
  <Icon {...props}>
    <path d="M2.8 12c2.200-4 5.400-6 9.200-6s7 2 9.200 6c-2.200 4-5.400 6-9.200 6s-7-2-9.200-6Z" />
    <circle cx="12" cy="12" r="2.8" />
  </Icon>
);

export const Copy = (props) => (
  <Icon {...props}>
    <rect x="8.500" y="8.500" width="11" height="11.500" rx="2" />
    <path d="M15.500 8.500V6a2 2 0 0 0-2-2H6.500a2 2 0 0 0-2 2v7.500a2 2 0 0 0 2 2h2" />
  </Icon>
);

export const Reply = (props) => (
  <Icon {...props}>
    <path d="M9.5 6 4 11.500l5.5 5.500M4.500 11.500H14a6 6 0 0 1 6 6v1" />
  </Icon>
);

export const Pencil = (props) => (
  <Icon {...props}>
    <path d="m4.500 19.500.9-4.200L16.300 4.400a1.600 1.600 0 0 1 2.300 0l1 1a1.600 1.600 0 0 1 0 2.300L8.700 18.600l-4.200.9Zm9.700-13 3.300 3.300" />
  </Icon>
);

export const Pin = (props) => (
  <Icon {...props}>
    <path d="m14.500 4 5.500 5.500-2.500.6-3.200 3.200.2 4-1.500 1.500-7.800-7.800L6.700 9.500l4 .2 3.200-3.200.6-2.500ZM8.800 15.200 4 20" />
  </Icon>
);

export const Dots = (props) => (
  <Icon {...props}>
    <path d="M5.500 12h.01M12 12h.01M18.500 12h.01" strokeWidth="3" />
  </Icon>
);

export const Cross = (props) => (
  <Icon {...props}>
    <path d="m6.500 6.500 11 11m0-11-11 11" />
  </Icon>
);
