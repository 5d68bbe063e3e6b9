package org.dlaclab.kernel.eval;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.ErroneousTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.Scope;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.util.ElementFilter;
import org.dlaclab.kernel.eval.CellCompiler.Sight;
import org.dlaclab.kernel.eval.Completions.Item;
import org.dlaclab.kernel.eval.Lexed.Kind;
import org.dlaclab.kernel.eval.Lexed.Token;
import org.jspecify.annotations.Nullable;

/** Tells what may stand at the cursor. */
final class CodeCompletion {
  /** A name that nothing has: it stands for the one that is to be found. */
  private static final String HOLE = "$Hole$";

  private static final int UNIMPORTED = 20;
  private static final int SHORTEST_UNIMPORTED = 3;

  private static final Pattern IMPORT =
      Pattern.compile("\\s*import\\s+(static\\s+)?((?:\\w+\\s*\\.\\s*)*)$");

  private static final List<String> KEYWORDS =
      List.of(
          "abstract",
          "assert",
          "boolean",
          "break",
          "byte",
          "case",
          "catch",
          "char",
          "class",
          "continue",
          "default",
          "do",
          "double",
          "else",
          "enum",
          "extends",
          "false",
          "final",
          "finally",
          "float",
          "for",
          "if",
          "implements",
          "import",
          "instanceof",
          "int",
          "interface",
          "long",
          "new",
          "null",
          "permits",
          "private",
          "protected",
          "public",
          "record",
          "return",
          "sealed",
          "short",
          "static",
          "super",
          "switch",
          "synchronized",
          "this",
          "throw",
          "throws",
          "true",
          "try",
          "var",
          "void",
          "volatile",
          "while",
          "yield");

  private final CellCompiler compiler;
  private final Sources sources;

  CodeCompletion(CellCompiler compiler, Sources sources) {
    this.compiler = compiler;
    this.sources = sources;
  }

  /** What may stand at the cursor, in UTF-16 units. */
  Completions complete(String code, int cursor) {
    int end = Math.max(0, Math.min(cursor, code.length()));
    String head = code.substring(0, end);
    Lexed lexed = Lexed.of(head);
    Completions nothing = new Completions(end, end, List.of());
    if (lexed.endsInText(head)) {
      return nothing;
    }
    List<Token> tokens = lexed.tokens();
    Token last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
    boolean begun = last != null && last.kind() == Kind.WORD && last.end() == end;
    int start = begun && last != null ? last.start() : end;
    String prefix = head.substring(start);
    String before = head.substring(0, start);
    List<Token> earlier = begun ? tokens.subList(0, tokens.size() - 1) : tokens;

    Matcher importing = IMPORT.matcher(before.substring(statement(before, earlier)));
    Map<String, Candidate> found = new LinkedHashMap<>();
    for (Predicate<String> matcher : matchers(prefix)) {
      if (importing.matches()) {
        imports(importing.group(1) != null, importing.group(2), matcher, found);
      } else {
        compiler.look(
            before,
            HOLE,
            after(before, earlier),
            sight -> {
              new Search(sight, prefix, matcher, found).run();
              return Optional.empty();
            });
      }
      if (!found.isEmpty() || prefix.isEmpty()) {
        break;
      }
    }
    List<Item> items =
        found.values().stream()
            .sorted(
                Comparator.comparing((Candidate c) -> c.rank())
                    .thenComparing(c -> c.item().text(), String.CASE_INSENSITIVE_ORDER)
                    .thenComparing(c -> c.item().text()))
            .map(Candidate::item)
            .toList();
    return items.isEmpty() ? nothing : new Completions(start, end, items);
  }

  /** Rank 0 fits the type that is asked for, 1 the place, 2 is a keyword, 3 needs an import. */
  private record Candidate(int rank, Item item) {}

  /** Where the last statement begins, roughly: after the last semicolon. */
  private static int statement(String code, List<Token> tokens) {
    for (int i = tokens.size() - 1; i >= 0; i--) {
      if (tokens.get(i).is(code, ';')) {
        return tokens.get(i).end();
      }
    }
    // A comment may stand before the first import.
    for (Token token : tokens) {
      if (token.kind() != Kind.COMMENT) {
        return token.start();
      }
    }
    return code.length();
  }

  /** What must follow the name for the compiler to read the code. */
  private static String after(String code, List<Token> tokens) {
    int i = tokens.size() - 1;
    while (i > 0 && tokens.get(i).is(code, '.') && tokens.get(i - 1).kind() == Kind.WORD) {
      i -= 2;
    }
    if (i < 0) {
      return "";
    }
    Token token = tokens.get(i);
    if (token.in(code).equals("new")) {
      return "()";
    }
    if (token.is(code, '@')) {
      return " class $Annotated$ {}";
    }
    return "";
  }

  /** Exactly as written; if that finds nothing, without regard to case, and by humps. */
  private static List<Predicate<String>> matchers(String prefix) {
    Predicate<String> exact = name -> name.startsWith(prefix);
    String lower = prefix.toLowerCase(Locale.ROOT);
    Pattern humps = humps(prefix);
    Predicate<String> loose =
        name -> name.toLowerCase(Locale.ROOT).startsWith(lower) || humps.matcher(name).lookingAt();
    return List.of(exact, loose);
  }

  /** {@code aL} finds {@code ArrayList}, {@code gOD} finds {@code getOrDefault}. */
  private static Pattern humps(String prefix) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < prefix.length(); i++) {
      char c = prefix.charAt(i);
      String quoted = Pattern.quote(String.valueOf(c));
      if (i == 0) {
        pattern.append("(?i:").append(quoted).append(')');
      } else {
        pattern.append(Character.isUpperCase(c) ? "[\\p{Ll}\\d_$]*" : "").append(quoted);
      }
    }
    return Pattern.compile(pattern.toString());
  }

  private void imports(
      boolean isStatic, String written, Predicate<String> matcher, Map<String, Candidate> found) {
    String path = written.replaceAll("\\s", "");
    String parent = path.isEmpty() ? "" : path.substring(0, path.length() - 1);
    ClassNames.Contents contents = compiler.names().in(parent);
    for (String name : contents.packages()) {
      if (matcher.test(name)) {
        put(found, new Candidate(1, new Item(name, "module", "", false)));
      }
    }
    for (String name : contents.classes()) {
      if (matcher.test(name)) {
        put(found, new Candidate(0, new Item(name, "class", "", false)));
      }
    }
    if (path.isEmpty() && !isStatic && matcher.test("static")) {
      put(found, new Candidate(2, new Item("static", "keyword", "", false)));
    }
    if (!parent.isEmpty() && contents.packages().isEmpty() && contents.classes().isEmpty()) {
      // A class: its nested classes and, for a static import, its static members.
      compiler.look(
          parent + ".",
          HOLE,
          "",
          sight -> {
            TypeElement type = sight.elements().getTypeElement(parent);
            if (type != null) {
              for (Element member : sight.elements().getAllMembers(type)) {
                boolean fits =
                    member.getKind().isClass()
                        || member.getKind().isInterface()
                        || (isStatic && member.getModifiers().contains(Modifier.STATIC));
                if (fits
                    && member.getModifiers().contains(Modifier.PUBLIC)
                    && matcher.test(member.getSimpleName().toString())) {
                  put(found, new Candidate(1, item(sight, member, null, "")));
                }
              }
            }
            return Optional.empty();
          });
    }
  }

  private static void put(Map<String, Candidate> found, Candidate candidate) {
    found.merge(
        candidate.item().text(),
        candidate,
        (a, b) -> {
          Candidate better = b.rank() < a.rank() ? b : a;
          boolean deprecated = a.item().deprecated() && b.item().deprecated();
          Item item = better.item();
          return new Candidate(
              better.rank(), new Item(item.text(), item.type(), item.signature(), deprecated));
        });
  }

  private Item item(Sight sight, Element element, @Nullable DeclaredType site, String overloads) {
    boolean deprecated = sight.elements().isDeprecated(element);
    String name = element.getSimpleName().toString();
    return switch (element.getKind()) {
      case METHOD -> {
        ExecutableElement method = (ExecutableElement) element;
        ExecutableType seen = seen(sight, site, method);
        yield new Item(
            name,
            "function",
            Signature.parameters(method, seen, names(sight, method))
                + " "
                + Signature.of(seen.getReturnType())
                + overloads,
            deprecated);
      }
      case CONSTRUCTOR -> {
        ExecutableElement method = (ExecutableElement) element;
        yield new Item(
            Signature.owner(method),
            "class",
            Signature.parameters(method, (ExecutableType) method.asType(), names(sight, method))
                + overloads,
            deprecated || sight.elements().isDeprecated(method.getEnclosingElement()));
      }
      case CLASS, RECORD, TYPE_PARAMETER -> new Item(name, "class", "", deprecated);
      case INTERFACE, ANNOTATION_TYPE -> new Item(name, "interface", "", deprecated);
      case ENUM -> new Item(name, "enum", "", deprecated);
      case PACKAGE -> new Item(name, "module", "", deprecated);
      case FIELD, ENUM_CONSTANT ->
          new Item(
              name,
              isCells(element.getEnclosingElement()) ? "instance" : "field",
              Signature.of(typeOf(sight, site, element)),
              deprecated);
      default -> new Item(name, "instance", Signature.of(element.asType()), deprecated);
    };
  }

  private List<String> names(Sight sight, ExecutableElement method) {
    List<String> names = Signature.names(method);
    return names.isEmpty() && !method.getParameters().isEmpty()
        ? sources.parameterNames(sight, method)
        : names;
  }

  private static ExecutableType seen(
      Sight sight, @Nullable DeclaredType site, ExecutableElement method) {
    return (ExecutableType) typeOf(sight, site, method);
  }

  /** A member's type as seen from the type before the dot: {@code String} for {@code E}. */
  private static TypeMirror typeOf(Sight sight, @Nullable DeclaredType site, Element member) {
    if (site != null && !member.getModifiers().contains(Modifier.STATIC)) {
      try {
        return sight.types().asMemberOf(site, member);
      } catch (IllegalArgumentException e) {
        // A member of an outer class.
        return member.asType();
      }
    }
    return member.asType();
  }

  private static boolean isCells(@Nullable Element element) {
    return element != null && element.getSimpleName().contentEquals(CellCompiler.CELLS);
  }

  /** What may stand in place of the hole. */
  private final class Search {
    private final Sight sight;
    private final String prefix;
    private final Predicate<String> matcher;
    private final Map<String, Candidate> found;
    private final List<TypeMirror> wanted;
    private final @Nullable Scope scope;

    Search(Sight sight, String prefix, Predicate<String> matcher, Map<String, Candidate> found) {
      this.sight = sight;
      this.prefix = prefix;
      this.matcher = matcher;
      this.found = found;
      this.wanted = wanted(sight.path());
      this.scope = sight.trees().getScope(sight.path());
    }

    void run() {
      Tree leaf = sight.path().getLeaf();
      if (leaf instanceof MemberSelectTree select) {
        members(select.getExpression(), false);
      } else if (leaf instanceof MemberReferenceTree reference) {
        members(reference.getQualifierExpression(), true);
        keyword("new");
      } else if (leaf instanceof IdentifierTree) {
        names();
      }
    }

    private void members(ExpressionTree expression, boolean reference) {
      TreePath path = new TreePath(sight.path(), expression);
      Element element = sight.trees().getElement(path);
      TypeMirror type = sight.trees().getTypeMirror(path);
      boolean isType =
          element != null
              && (element.getKind().isClass()
                  || element.getKind().isInterface()
                  || element.getKind() == ElementKind.TYPE_PARAMETER)
              && type != null
              && type.getKind() != TypeKind.ERROR;
      String text = expression.toString();
      if (!isType
          && (type == null
              || type.getKind() == TypeKind.ERROR
              || type.getKind() == TypeKind.PACKAGE)
          && compiler.names().isPackage(text)) {
        packageMembers(text, isConstructed());
        return;
      }
      if (type == null) {
        return;
      }
      if (type.getKind() == TypeKind.ARRAY) {
        arrayMembers((ArrayType) type, reference);
        return;
      }
      boolean constructed = parent() instanceof NewClassTree made && made.getIdentifier() == leaf();
      for (DeclaredType site : declared(type)) {
        TypeElement siteElement = (TypeElement) site.asElement();
        List<Element> fitting = new ArrayList<>();
        for (Element member : sight.elements().getAllMembers(siteElement)) {
          String name = member.getSimpleName().toString();
          if (!matcher.test(name) || (name.startsWith("$") && prefix.isEmpty())) {
            continue;
          }
          boolean nested = member.getKind().isClass() || member.getKind().isInterface();
          boolean statics = member.getModifiers().contains(Modifier.STATIC) || nested;
          boolean fits =
              switch (member.getKind()) {
                case METHOD -> !constructed && (reference || statics == isType);
                case FIELD, ENUM_CONSTANT -> !constructed && !reference && statics == isType;
                case CLASS, INTERFACE, ENUM, RECORD, ANNOTATION_TYPE -> isType && !reference;
                default -> false;
              };
          if (fits && accessible(member, site)) {
            fitting.add(member);
          }
        }
        add(fitting, site);
      }
      if (isType && !constructed && !reference) {
        keyword("class");
      }
    }

    private void packageMembers(String name, boolean constructed) {
      ClassNames.Contents contents = compiler.names().in(name);
      for (String below : contents.packages()) {
        if (matcher.test(below)) {
          put(found, new Candidate(1, new Item(below, "module", "", false)));
        }
      }
      for (String simple : contents.classes()) {
        if (matcher.test(simple)) {
          TypeElement type = sight.elements().getTypeElement(name + "." + simple);
          if (type == null || !type.getModifiers().contains(Modifier.PUBLIC)) {
            continue;
          }
          if (constructed) {
            construct(List.of(type));
          } else {
            put(found, new Candidate(1, item(sight, type, null, "")));
          }
        }
      }
    }

    private void arrayMembers(ArrayType type, boolean reference) {
      if (!reference && matcher.test("length")) {
        put(
            found,
            new Candidate(
                rank(sight.types().getPrimitiveType(TypeKind.INT)),
                new Item("length", "field", "int", false)));
      }
      if (matcher.test("clone")) {
        put(
            found,
            new Candidate(
                rank(type), new Item("clone", "function", "() " + Signature.of(type), false)));
      }
      TypeElement object = sight.elements().getTypeElement("java.lang.Object");
      if (object != null) {
        add(
            ElementFilter.methodsIn(object.getEnclosedElements()).stream()
                .filter(m -> m.getModifiers().contains(Modifier.PUBLIC))
                .filter(m -> matcher.test(m.getSimpleName().toString()))
                .map(m -> (Element) m)
                .toList(),
            (DeclaredType) object.asType());
      }
    }

    /** The classes that a value of a type has the members of. */
    private List<DeclaredType> declared(TypeMirror type) {
      return switch (type.getKind()) {
        case DECLARED -> List.of((DeclaredType) type);
        case TYPEVAR, WILDCARD, INTERSECTION, UNION -> {
          List<DeclaredType> all = new ArrayList<>();
          if (type.getKind() == TypeKind.TYPEVAR) {
            all.addAll(declared(((TypeVariable) type).getUpperBound()));
          } else {
            for (TypeMirror bound : sight.types().directSupertypes(type)) {
              all.addAll(declared(bound));
            }
          }
          yield all;
        }
        default -> List.of();
      };
    }

    /** Names in scope, keywords, and classes without an import. */
    private void names() {
      boolean constructed = isConstructed();
      boolean annotation = parent() instanceof AnnotationTree;
      boolean typeOnly = constructed || annotation || isTypePlace();
      List<Element> fitting = new ArrayList<>();
      for (Scope at = scope; at != null; at = at.getEnclosingScope()) {
        for (Element element : at.getLocalElements()) {
          consider(element, at, typeOnly, fitting);
        }
        TypeElement enclosing = at.getEnclosingClass();
        Scope outer = at.getEnclosingScope();
        if (enclosing != null && (outer == null || !enclosing.equals(outer.getEnclosingClass()))) {
          for (Element element : sight.elements().getAllMembers(enclosing)) {
            boolean ofObject = Signature.owner(element).equals("Object");
            if (!ofObject || !isCells(enclosing)) {
              consider(element, at, typeOnly, fitting);
            }
          }
        }
      }
      if (constructed) {
        fitting.removeIf(e -> e.getKind() == ElementKind.ENUM);
        construct(fitting);
      } else if (annotation) {
        fitting.removeIf(e -> e.getKind() != ElementKind.ANNOTATION_TYPE);
        add(fitting, null);
      } else {
        add(fitting, null);
        if (!prefix.isEmpty()) {
          KEYWORDS.forEach(this::keyword);
        }
      }
      if (!prefix.isEmpty()) {
        packages();
        unimported(annotation);
      }
    }

    private void consider(Element element, Scope at, boolean typeOnly, List<Element> fitting) {
      String name = element.getSimpleName().toString();
      if (!matcher.test(name) || name.equals(HOLE)) {
        return;
      }
      // Session temporaries and what the wrapping adds.
      if (name.startsWith("$") && (!prefix.startsWith("$") || name.endsWith("$"))) {
        return;
      }
      // To ask an imported class for its kind loads it: not for all of the packages' classes.
      if (prefix.isEmpty() && at.getEnclosingClass() == null && !isStaticMember(element)) {
        return;
      }
      boolean type = element.getKind().isClass() || element.getKind().isInterface();
      boolean fits =
          switch (element.getKind()) {
            case CLASS, INTERFACE, ENUM, RECORD, ANNOTATION_TYPE, TYPE_PARAMETER -> true;
            case METHOD,
                FIELD,
                ENUM_CONSTANT,
                LOCAL_VARIABLE,
                PARAMETER,
                EXCEPTION_PARAMETER,
                RESOURCE_VARIABLE,
                BINDING_VARIABLE ->
                !typeOnly;
            default -> false;
          };
      boolean own = name.equals("this") || name.equals("super");
      if (fits
          && !own
          && (!type || scope == null || sight.trees().isAccessible(scope, (TypeElement) element))) {
        fitting.add(element);
      }
    }

    private boolean isStaticMember(Element element) {
      Element enclosing = element.getEnclosingElement();
      return enclosing != null && enclosing.getKind() != ElementKind.PACKAGE;
    }

    private void construct(List<Element> types) {
      for (Element element : types) {
        List<ExecutableElement> constructors =
            ElementFilter.constructorsIn(element.getEnclosedElements()).stream()
                .filter(
                    c ->
                        scope == null
                            || sight
                                .trees()
                                .isAccessible(scope, c, (DeclaredType) element.asType()))
                .toList();
        boolean hollow =
            element.getKind().isInterface() || element.getModifiers().contains(Modifier.ABSTRACT);
        if (hollow || constructors.isEmpty()) {
          if (hollow) {
            put(found, new Candidate(2, item(sight, element, null, "")));
          }
        } else {
          put(
              found,
              new Candidate(
                  rank(element.asType()),
                  item(sight, shortest(constructors), null, more(constructors.size()))));
        }
      }
    }

    private void packages() {
      for (String name : compiler.names().in("").packages()) {
        if (matcher.test(name)) {
          put(found, new Candidate(2, new Item(name, "module", "", false)));
        }
      }
    }

    private void unimported(boolean annotation) {
      if (prefix.length() < SHORTEST_UNIMPORTED || !Character.isUpperCase(prefix.charAt(0))) {
        return;
      }
      List<String> names = compiler.names().beginningWith(prefix);
      names.stream()
          .sorted(
              Comparator.comparing((String n) -> !simple(n).equals(prefix))
                  .thenComparing(n -> !n.startsWith("java."))
                  .thenComparing(n -> n))
          .filter(n -> !found.containsKey(simple(n)))
          .map(n -> sight.elements().getTypeElement(n))
          .filter(t -> t != null && t.getModifiers().contains(Modifier.PUBLIC))
          .filter(t -> !annotation || t.getKind() == ElementKind.ANNOTATION_TYPE)
          .limit(UNIMPORTED)
          .forEach(
              t -> {
                Item item = item(sight, t, null, "");
                String text = t.getQualifiedName().toString();
                put(found, new Candidate(3, new Item(text, item.type(), "", item.deprecated())));
              });
    }

    private static String simple(String qualified) {
      return qualified.substring(qualified.lastIndexOf('.') + 1);
    }

    private void keyword(String word) {
      if (matcher.test(word)) {
        put(found, new Candidate(2, new Item(word, "keyword", "", false)));
      }
    }

    /** Overloads are one item, with the shortest signature. */
    private void add(List<? extends Element> elements, @Nullable DeclaredType site) {
      Map<String, List<ExecutableElement>> methods = new LinkedHashMap<>();
      for (Element element : elements) {
        if (element instanceof ExecutableElement method) {
          methods
              .computeIfAbsent(method.getSimpleName().toString(), n -> new ArrayList<>())
              .add(method);
        } else {
          boolean type = element.getKind().isClass() || element.getKind().isInterface();
          int rank = type ? 1 : rank(typeOf(sight, site, element));
          put(found, new Candidate(rank, item(sight, element, site, "")));
        }
      }
      methods.forEach(
          (name, overloads) -> {
            int rank =
                overloads.stream()
                    .mapToInt(m -> rank(seen(sight, site, m).getReturnType()))
                    .min()
                    .orElse(1);
            List<ExecutableElement> fresh =
                overloads.stream().filter(m -> !sight.elements().isDeprecated(m)).toList();
            ExecutableElement shown = shortest(fresh.isEmpty() ? overloads : fresh);
            put(found, new Candidate(rank, item(sight, shown, site, more(overloads.size()))));
          });
    }

    private static ExecutableElement shortest(List<ExecutableElement> methods) {
      ExecutableElement shortest = methods.get(0);
      for (ExecutableElement method : methods) {
        if (method.getParameters().size() < shortest.getParameters().size()) {
          shortest = method;
        }
      }
      return shortest;
    }

    private static String more(int overloads) {
      return overloads == 1 ? "" : " (+" + (overloads - 1) + " more)";
    }

    private boolean accessible(Element member, DeclaredType site) {
      return scope == null || sight.trees().isAccessible(scope, member, site);
    }

    private Tree leaf() {
      return sight.path().getLeaf();
    }

    private @Nullable Tree parent() {
      TreePath parent = sight.path().getParentPath();
      return parent == null ? null : parent.getLeaf();
    }

    private boolean isConstructed() {
      Tree parent = parent();
      TreePath above = sight.path().getParentPath();
      if (parent instanceof ParameterizedTypeTree generic
          && generic.getType() == leaf()
          && above != null
          && above.getParentPath() != null) {
        return above.getParentPath().getLeaf() instanceof NewClassTree;
      }
      return parent instanceof NewClassTree made && made.getIdentifier() == leaf();
    }

    private boolean isTypePlace() {
      Tree parent = parent();
      return parent instanceof ParameterizedTypeTree
          || (parent instanceof VariableTree variable && variable.getType() == leaf())
          || parent instanceof MethodTree
          || parent instanceof ClassTree;
    }

    private int rank(TypeMirror type) {
      if (type.getKind() == TypeKind.VOID) {
        return 1;
      }
      for (TypeMirror target : wanted) {
        try {
          if (sight
              .types()
              .isAssignable(sight.types().erasure(type), sight.types().erasure(target))) {
            return 0;
          }
        } catch (IllegalArgumentException e) {
          // Packages and the like are no values.
        }
      }
      return 1;
    }

    /** The types that are asked for where the hole is; none if any will do. */
    private List<TypeMirror> wanted(TreePath hole) {
      TreePath path = hole;
      TreePath parentPath = path.getParentPath();
      while (parentPath != null
          && (parentPath.getLeaf() instanceof ErroneousTree
              || parentPath.getLeaf() instanceof ParenthesizedTree
              || (parentPath.getLeaf() instanceof ConditionalExpressionTree choice
                  && choice.getCondition() != path.getLeaf())
              || (parentPath.getLeaf() instanceof NewClassTree made
                  && made.getIdentifier() == path.getLeaf()))) {
        path = parentPath;
        parentPath = path.getParentPath();
      }
      if (parentPath == null) {
        return List.of();
      }
      Tree leaf = path.getLeaf();
      Tree parent = parentPath.getLeaf();
      if (parent instanceof VariableTree variable && variable.getInitializer() == leaf) {
        boolean inferred = variable.getType() == null;
        return inferred ? List.of() : one(sight.trees().getTypeMirror(parentPath));
      }
      if (parent instanceof AssignmentTree assignment && assignment.getExpression() == leaf) {
        return one(sight.trees().getTypeMirror(new TreePath(parentPath, assignment.getVariable())));
      }
      if (parent instanceof IfTree
          || parent instanceof WhileLoopTree
          || parent instanceof DoWhileLoopTree) {
        return List.of(sight.types().getPrimitiveType(TypeKind.BOOLEAN));
      }
      if (parent instanceof ThrowTree) {
        return type("java.lang.Throwable");
      }
      if (parent instanceof ReturnTree) {
        for (TreePath at = parentPath; at != null; at = at.getParentPath()) {
          if (at.getLeaf() instanceof LambdaExpressionTree) {
            return List.of();
          }
          if (at.getLeaf() instanceof MethodTree method && method.getReturnType() != null) {
            return one(sight.trees().getTypeMirror(new TreePath(at, method.getReturnType())));
          }
        }
        return List.of();
      }
      if (parent instanceof MethodInvocationTree call) {
        int argument = call.getArguments().indexOf(leaf);
        return argument < 0 ? List.of() : parameterTypes(parentPath, call, argument);
      }
      if (parent instanceof NewClassTree made) {
        int argument = made.getArguments().indexOf(leaf);
        Element type = sight.trees().getElement(new TreePath(parentPath, made.getIdentifier()));
        return argument < 0 || !(type instanceof TypeElement)
            ? List.of()
            : ElementFilter.constructorsIn(type.getEnclosedElements()).stream()
                .map(c -> parameter(c, (ExecutableType) c.asType(), argument))
                .flatMap(Optional::stream)
                .toList();
      }
      return List.of();
    }

    private List<TypeMirror> parameterTypes(
        TreePath callPath, MethodInvocationTree call, int argument) {
      List<TypeMirror> types = new ArrayList<>();
      TreePath selectPath = new TreePath(callPath, call.getMethodSelect());
      for (Overload overload : overloads(sight, selectPath)) {
        parameter(overload.method(), overload.seen(), argument).ifPresent(types::add);
      }
      return types;
    }

    private Optional<TypeMirror> parameter(
        ExecutableElement method, ExecutableType seen, int argument) {
      List<? extends TypeMirror> types = seen.getParameterTypes();
      if (method.isVarArgs()
          && argument >= types.size() - 1
          && types.get(types.size() - 1) instanceof ArrayType rest) {
        return Optional.of(rest.getComponentType());
      }
      return argument < types.size() ? Optional.of(types.get(argument)) : Optional.empty();
    }

    private List<TypeMirror> one(@Nullable TypeMirror type) {
      return type == null || type.getKind() == TypeKind.ERROR ? List.of() : List.of(type);
    }

    private List<TypeMirror> type(String name) {
      TypeElement type = sight.elements().getTypeElement(name);
      return type == null ? List.of() : List.of(type.asType());
    }
  }

  /** A method of some name, with its type where it is called. */
  record Overload(ExecutableElement method, ExecutableType seen) {}

  /** All methods that the name of a method at a call may mean. */
  static List<Overload> overloads(Sight sight, TreePath namePath) {
    Tree leaf = namePath.getLeaf();
    List<Overload> all = new ArrayList<>();
    Scope scope = sight.trees().getScope(namePath);
    ExpressionTree qualifier =
        leaf instanceof MemberSelectTree select
            ? select.getExpression()
            : leaf instanceof MemberReferenceTree reference
                ? reference.getQualifierExpression()
                : null;
    String name =
        leaf instanceof MemberSelectTree select
            ? select.getIdentifier().toString()
            : leaf instanceof MemberReferenceTree reference
                ? reference.getName().toString()
                : leaf.toString();
    if (qualifier != null) {
      TypeMirror type = sight.trees().getTypeMirror(new TreePath(namePath, qualifier));
      while (type instanceof TypeVariable variable) {
        type = variable.getUpperBound();
      }
      if (type instanceof DeclaredType site && site.getKind() == TypeKind.DECLARED) {
        for (ExecutableElement method :
            ElementFilter.methodsIn(
                sight.elements().getAllMembers((TypeElement) site.asElement()))) {
          if (method.getSimpleName().contentEquals(name)
              && sight.trees().isAccessible(scope, method, site)) {
            all.add(new Overload(method, seen(sight, site, method)));
          }
        }
      }
      return all;
    }
    Set<Element> seen = new LinkedHashSet<>();
    for (Scope at = scope; at != null; at = at.getEnclosingScope()) {
      List<Element> elements = new ArrayList<>();
      at.getLocalElements().forEach(elements::add);
      if (at.getEnclosingClass() != null) {
        elements.addAll(sight.elements().getAllMembers(at.getEnclosingClass()));
      }
      for (Element element : elements) {
        if (element.getSimpleName().contentEquals(name)
            && element instanceof ExecutableElement method
            && seen.add(method)) {
          all.add(new Overload(method, (ExecutableType) method.asType()));
        }
      }
    }
    return all;
  }
}
