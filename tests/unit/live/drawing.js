/** Just enough of React to draw a component once, as it looks before anybody touches it. */

const runtime = () => ({
  Fragment: "fragment",
  jsx: (type, props) => ({ type, props }),
  jsxs: (type, props) => ({ type, props }),
  jsxDEV: (type, props) => ({ type, props }),
});

export const fakeReact = {
  react: () => ({
    Fragment: "fragment",
    createContext: (value) => ({ value }),
    useContext: ({ value }) => value,
    useEffect() {},
    useLayoutEffect() {},
    useMemo: (make) => make(),
    useRef: (current) => ({ current }),
    useState: (start) => [typeof start === "function" ? start() : start, () => {}],
  }),
  "react/jsx-runtime": runtime,
  "react/jsx-dev-runtime": runtime,
};

/** The component with all components in it drawn, as elements of HTML and text. */
export function drawn(type, props) {
  return settle({ type, props });
}

function settle(node) {
  if (Array.isArray(node)) return node.map(settle);
  if (node === null || typeof node !== "object") return node;
  if (typeof node.type === "function") return settle(node.type(node.props));
  return { ...node, props: { ...node.props, children: settle(node.props.children) } };
}

/** The elements of this name, outermost first. */
export function find(node, name) {
  if (Array.isArray(node)) return node.flatMap((each) => find(each, name));
  if (node === null || typeof node !== "object") return [];
  return [...(node.type === name ? [node] : []), ...find(node.props.children, name)];
}

/** All there is to read. */
export function wordsIn(node) {
  if (Array.isArray(node)) return node.map(wordsIn).join("");
  if (node === null || node === undefined || typeof node === "boolean") return "";
  return typeof node === "object" ? wordsIn(node.props.children) : String(node);
}
