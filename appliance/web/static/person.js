// One person after the other uses the shared tablet. Every entry of the browser's history knows whose
// it is; when somebody else sits here by now, "back" leads to the start page and shows nothing on the
// way. Runs before anything is drawn. Nothing about the person is kept but a number that means nothing.
"use strict";

const hienPerson = (() => {
  const WHO = "hien:person";
  const USED = "hien:used";
  const who = () => sessionStorage.getItem(WHO) || "0";

  function look() {
    const state = history.state;
    // The start page itself shows nothing of anybody; going to it from it would keep its mark.
    if (state && state.person !== undefined && state.person !== who() && location.pathname !== "/") {
      document.documentElement.hidden = true;
      location.replace("/");
      return;
    }
    if (state?.person !== who()) history.replaceState({ ...state, person: who() }, "");
    if (location.pathname !== "/") sessionStorage.setItem(USED, "1");
  }

  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  look();

  return {
    isUsed: () => sessionStorage.getItem(USED) !== null,
    forget() {
      sessionStorage.clear();
      sessionStorage.setItem(WHO, String(Date.now()));
    },
  };
})();
