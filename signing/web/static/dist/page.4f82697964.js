"use strict";(()=>{var e=document.getElementById("errors");e&&!e.hidden&&e.focus();document.documentElement.dataset.ready="page";})();
